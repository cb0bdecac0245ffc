"""Programs named `pulumi` and `gh` that answer as told and write down how they were called.

Exit codes of the CLI: pulumi.com/docs/iac/cli/exit-codes (0 done, 7 changes where none were
expected, 255 and others failed). What `gh api` prints: docs.github.com/en/rest/issues.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BOT = "github-actions[bot]"

PULUMI = """\
#!{python} -IS
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
told = json.loads((here / "pulumi.json").read_text())
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(["pulumi", *sys.argv[1:]]) + "\\n")
if sys.argv[1] == "version":
    print(told["version"])
elif sys.argv[1] == "stack":
    print(json.dumps(told["outputs"]))
else:
    for option, text in (("--save-plan", "{{}}"),):
        if option in sys.argv:
            pathlib.Path(sys.argv[sys.argv.index(option) + 1]).write_text(text)
    print(told["says"])
    sys.exit(told["code"])
"""

# Keeps what was written, as GitHub does: a list of comments and issues by address.
GH = """\
#!{python} -IS
import json, pathlib, sys
here = pathlib.Path(__file__).parent
kept = json.loads((here / "github.json").read_text())
arguments = sys.argv[1:]
given = json.loads(sys.stdin.read()) if "--input" in arguments else None
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(["gh", *arguments]) + "\\n")
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
        for name, source in (("pulumi", PULUMI), ("gh", GH)):
            script = folder / name
            script.write_text(source.format(python=sys.executable))
            script.chmod(0o755)
        self.pulumi()
        self.github({})

    def pulumi(
        self,
        code: int = 0,
        says: str = "",
        version: str = "v3.272.0",
        outputs: dict[str, str] | None = None,
    ) -> None:
        """What it answers from now on."""
        told = {"code": code, "says": says, "version": version, "outputs": outputs or {}}
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
