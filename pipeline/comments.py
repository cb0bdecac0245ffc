"""Writes one comment on a pull request, or one issue, and edits it instead of adding another.

The text is untrusted: it is fenced (no mentions, no markup) and piped to `gh` on standard input.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pipeline.tools import output_of

# GitHub accepts 65,536 characters in all; several fences share this limit.
LONGEST = 60_000
LONGEST_RUN = 20
BOT = "github-actions[bot]"


def marker(name: str) -> str:
    """Return the line, invisible on the page, by which the text is found again."""
    return f"<!-- thumbx:{name} -->"


def fenced(text: str, language: str = "", longest: int = LONGEST) -> str:
    """Return the text as a code block that the text cannot end, cut after `longest` characters.

    A code fence ends at a fence that is at least as long, so ours is longer than any in the text. A
    very long row of backticks in the text is shortened, because the fences would otherwise exceed
    the comment's length.
    """
    if len(text) > longest:
        text = text[:longest] + "\n... cut here; the whole of it is in the job's log"
    text = re.sub(f"`{{{LONGEST_RUN},}}", "`" * LONGEST_RUN, text)
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * max(3, *(run + 1 for run in runs), 0)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def comment(repository: str, number: int, name: str, body: str) -> str:
    """Write the comment `name` on a pull request, or edit the existing one; return its address."""
    where = f"repos/{repository}/issues/{number}/comments"
    found = _ours(_pages(f"{where}?per_page=100"), name)
    target = f"repos/{repository}/issues/comments/{found['id']}" if found else where
    return _send("PATCH" if found else "POST", target, {"body": f"{marker(name)}\n{body}"})


def issue(repository: str, name: str, title: str, body: str) -> str:
    """Open the issue `name`, or update it while it is open; return its address."""
    where = f"repos/{repository}/issues"
    open_ones = _pages(f"{where}?state=open&per_page=100")
    # GitHub lists pull requests among the issues.
    found = _ours([each for each in open_ones if "pull_request" not in each], name)
    content = {"title": title, "body": f"{marker(name)}\n{body}"}
    if found:
        return _send("PATCH", f"{where}/{found['number']}", content)
    return _send("POST", where, content)


def _ours(texts: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The text with our marker, if the bot wrote it, because anybody can write the marker."""
    for each in texts:
        author: dict[str, Any] | None = each.get("user")  # None: the account is deleted
        by_bot = author is not None and author.get("login") == BOT
        if by_bot and (each.get("body") or "").startswith(marker(name)):
            return each
    return None


def _pages(address: str) -> list[dict[str, Any]]:
    pages: list[list[dict[str, Any]]] = json.loads(
        output_of("gh", "api", "--paginate", "--slurp", address)
    )
    return [each for page in pages for each in page]


def _send(method: str, address: str, content: dict[str, str]) -> str:
    """Send JSON on standard input; return the address of the page that shows it."""
    arguments = ["api", "--method", method, address, "--input", "-"]
    answer = output_of("gh", *arguments, given=json.dumps(content))
    return str(json.loads(answer)["html_url"])
