"""Programs named `pulumi` and `gh` that answer as told and write down how they were called.

A command or an option that the real one's `--help` does not list ends them with an error.

Exit codes of the CLI: pulumi.com/docs/iac/cli/exit-codes (0 done, 7 changes where none were
expected, 255 and others failed). What `gh api` prints: docs.github.com/en/rest/issues.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from tests.pipeline.options import captured

if TYPE_CHECKING:
    from pathlib import Path

BOT = "github-actions[bot]"

# Writes the call down, and refuses what `--help` does not list.
STRICT = """\
#!{python} -IS
import json, pathlib, sys
here = pathlib.Path(__file__).parent
name = pathlib.Path(sys.argv[0]).name
with (here / "calls").open("a") as calls:
    calls.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
commands = json.loads((here / "options.json").read_text())
words = [name]
for word in sys.argv[1:]:
    longer = " ".join([*words, word])
    if not any(each == longer or each.startswith(longer + " ") for each in commands):
        break
    words.append(word)
command = " ".join(words)
if command not in commands:
    sys.exit("%s: unknown command: %s" % (name, " ".join(sys.argv[1:])))
for word in sys.argv[len(words):]:
    option = word.partition("=")[0]
    if word.startswith("-") and word != "-" and option not in commands[command]:
        sys.exit("%s: unknown flag: %s" % (command, option))
"""

PULUMI = """\
told = json.loads((here / "pulumi.json").read_text())
if command == "pulumi version":
    print(told["version"])
elif command == "pulumi stack output" and told["missing"] in sys.argv:
    sys.exit("error: no stack named '%s' found" % told["missing"])
elif command == "pulumi stack output":
    names = [word for word in sys.argv[3:] if not word.startswith("-")]
    wanted = told["outputs"].get(names[0], "value") if names and "--json" not in sys.argv else None
    print(wanted or json.dumps(told["outputs"]))
else:
    for option, text in (("--save-plan", "{{}}"),):
        if option in sys.argv:
            pathlib.Path(sys.argv[sys.argv.index(option) + 1]).write_text(text)
    print(told["says"])
    sys.exit(told["code"])
"""

# Keeps what was written, as GitHub does: a list of comments and issues by address.
GH = """\
kept = json.loads((here / "github.json").read_text())
arguments = sys.argv[1:]
given = json.loads(sys.stdin.read()) if "--input" in arguments else None
if "--jq" in arguments:
    print("sha256:" + "0" * 64)
    sys.exit()
if given is None and len(arguments) == 2:
    # A repository as GitHub makes one: no rule, no environment.
    empty = {{"/codeowners/errors": '{{"errors": []}}', "/environments": '{{"environments": []}}'}}
    empty["/rules/branches/main"] = "[]"
    found = [text for end, text in empty.items() if arguments[1].endswith(end)]
    print(*(found or ['{{"default_branch": "main"}}']))
    sys.exit()
if given is None:
    assert arguments[:3] == ["api", "--paginate", "--slurp"]
    address = arguments[3].partition("?")[0]
    print(json.dumps([kept.get(address, [])[:1], kept.get(address, [])[1:]]))
    sys.exit()
assert arguments[:2] == ["api", "--method"] and len(given.get("body", "")) <= 65536
address = arguments[3]
if arguments[2] == "POST":
    made = {{"id": 100, "number": 7, "user": {{"login": "github-actions[bot]"}}, **given}}
    kept.setdefault(address, []).append(made)
else:
    made = next(
        each for texts in kept.values() for each in texts
        if address.endswith(("/comments/%d" % each["id"], "/issues/%d" % each["number"]))
    )
    made.update(given)
(here / "github.json").write_text(json.dumps(kept))
print(json.dumps({{"html_url": "https://github.test/" + address}}))
"""


class Tools:
    """The folder with both, for the PATH; only what stands in it is found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "options.json").write_text(json.dumps(captured()))
        self.add("pulumi", PULUMI)
        self.add("gh", GH)
        self.pulumi()
        self.github({})

    def add(self, name: str, source: str = "") -> None:
        """One more; without a source it takes its options and does nothing."""
        script = self.folder / name
        script.write_text((STRICT + source).format(python=sys.executable))
        script.chmod(0o755)

    def pulumi(
        self,
        code: int = 0,
        says: str = "",
        version: str = "v3.272.0",
        outputs: dict[str, str] | None = None,
        missing: str = "",
    ) -> None:
        """What it answers from now on."""
        told: dict[str, Any] = {"code": code, "says": says, "version": version}
        told |= {"outputs": outputs or {}, "missing": missing}
        (self.folder / "pulumi.json").write_text(json.dumps(told))

    def github(self, kept: dict[str, list[dict[str, Any]]]) -> None:
        """What stands there already, by address."""
        (self.folder / "github.json").write_text(json.dumps(kept))

    def on_github(self, address: str) -> list[dict[str, Any]]:
        return json.loads((self.folder / "github.json").read_text()).get(address, [])

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def calls(self, *beginning: str) -> list[list[str]]:
        """The calls so far that begin with these words."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.is_file() else []
        made = [json.loads(line) for line in lines]
        return [call for call in made if call[: len(beginning)] == list(beginning)]
