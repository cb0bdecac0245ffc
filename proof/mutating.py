"""Breaks the program on purpose, one small change at a time, and checks that a test fails.

`python -m proof.mutating` tries every mutant of the modules below and then the hand-written ones
of `proof.dangers`. Each runs in a fork of this process, which has already imported Pulumi and
pytest, so a mutant takes one second instead of ten. Survivors must be listed in
`proof/survivors.yaml`, with the reason why the change does no harm; a listed mutant that no longer
survives is an error too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import yaml

from components.producer import package
from proof.dangers import DANGERS
from proof.mutant_import import install
from proof.mutants import Mutant, mutants, source_path
from recording import recorder, recording
from recording.forks import Forks, fork
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Each mutant is run against all tests until one fails, beginning with those of its module.
POLICIES, PROGRAM, HARDENING, FOLLOWING, TRAIL, ALARMS, ANALYZER = (
    f"tests/components/{name}.py"
    for name in (
        *("test_policies", "test_program", "test_hardening", "test_following"),
        *("watch/test_trail", "watch/test_alarms", "watch/test_analyzer"),
    )
)
FOREIGN_KEYS = "tests/proof/test_foreign_keys.py"
EXISTING = "tests/components/test_existing_bucket.py"
SERVICES = "tests/components/test_service_access.py"
ADOPTED = "tests/adopt/test_policy.py"
BOOTSTRAP = (
    *(f"tests/bootstrap/test_{name}.py" for name in ("scope", "grants", "boundary", "options")),
    *("tests/bootstrap/test_program.py", PROGRAM),
)
RULES = ("tests/policy/test_rules.py",)
MODULES = {
    "components.policies": (POLICIES, PROGRAM, HARDENING),
    "components.storage.bucket_policy": (
        POLICIES,
        HARDENING,
        PROGRAM,
        FOREIGN_KEYS,
        FOLLOWING,
        SERVICES,
    ),
    "components.storage.key_policy": (HARDENING, POLICIES, PROGRAM),
    "components.storage.adopted_policy": (ADOPTED,),
    "components.storage.sender_policies": (EXISTING,),
    "components.storage.service_access": (SERVICES,),
    "components.storage.thumbx_role": (POLICIES, HARDENING, PROGRAM, FOLLOWING, EXISTING),
    "components.storage.upload_events": (EXISTING, HARDENING, PROGRAM),
    "components.storage.store": (PROGRAM, POLICIES, HARDENING, FOLLOWING, EXISTING),
    "components.storage.private_bucket": (PROGRAM, TRAIL, HARDENING, POLICIES),
    "components.storage.key": (HARDENING, PROGRAM, POLICIES),
    "components.producer.producer": (PROGRAM, POLICIES, HARDENING),
    "components.producer.queues": (PROGRAM, POLICIES, HARDENING),
    "components.producer.role": (PROGRAM, POLICIES, HARDENING),
    "components.watch.watch_policies": (TRAIL, ALARMS, POLICIES, PROGRAM),
    "components.watch.alerts": (ALARMS, POLICIES, PROGRAM),
    "components.watch.event_rules": (ALARMS, POLICIES, PROGRAM),
    "components.watch.analyzer": (ANALYZER, ALARMS, PROGRAM),
    "components.accounts": (PROGRAM, TRAIL, POLICIES),
    "__main__": (PROGRAM, POLICIES, HARDENING, TRAIL, ALARMS, ANALYZER),
    **{
        f"bootstrap.{name}": BOOTSTRAP
        for name in (
            *("boundary", "grants", "identity", "rights", "roles", "scope", "state"),
            *("subjects", "watch_rights"),
        )
    },
    **{
        f"policy.rules.{name}": RULES
        for name in ("belonging", "buckets", "documents", "engine", "grants", "queues")
    },
}
SURVIVORS = Path(__file__).parent / "survivors.yaml"
RELOADED = {"bootstrap", "components", "rules", "tests"}  # imported again for each mutant
SECONDS = 120  # a program that waits for itself never ends, so it is killed
ENOUGH = 0.95


@dataclass(frozen=True)
class MutantResult:
    """The result of one mutant: the tests that failed; none if it survived."""

    mutant: Mutant
    failed: tuple[str, ...]


@dataclass(eq=False)  # so that it has a hash: pytest keeps plugins in sets
class _Failures:
    """A pytest plugin that notes which tests failed."""

    names: list[str] = field(default_factory=list[str])

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.names.append(report.nodeid.rpartition("::")[2].partition("[")[0])

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.names.append("it cannot even be imported")


def try_all(
    found: Sequence[tuple[Mutant, tuple[str, ...]]], workers: int
) -> Iterator[MutantResult]:
    """Try each mutant with its pytest arguments, `workers` mutants at a time."""
    waiting = list(reversed(found))
    running: dict[int, tuple[Mutant, Path, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < workers:
                mutant, arguments = waiting.pop()
                report = Path(folder) / str(len(waiting))
                running[_start(mutant, arguments, report)] = (mutant, report, time.monotonic())
            time.sleep(0.02)
            for pid, (mutant, report, began) in list(running.items()):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    if time.monotonic() - began < SECONDS:
                        continue
                    os.killpg(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    report.write_text(json.dumps(["it never ends"]))
                del running[pid]
                says = json.loads(report.read_text()) if report.exists() else ["it crashes"]
                yield MutantResult(mutant, tuple(dict.fromkeys(says)))


def _start(mutant: Mutant, arguments: tuple[str, ...], report: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _be(mutant, arguments, report)
    finally:
        os._exit(1)


def _be(mutant: Mutant, arguments: tuple[str, ...], report: Path) -> NoReturn:
    """Run the tests in this process with the mutant as the program; never returns."""
    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in RELOADED]:
        if name != package.__name__:  # the recorder tells this process which layer to use
            del sys.modules[name]
    install(mutant)
    recording.RECORDERS = _Here(recorder.__name__, PROJECT)
    # A recording that another process made is of the unchanged program, so no mutant would run.
    recording.KEPT = report.with_suffix(".recordings")
    failures = _Failures()
    code = pytest.main([*arguments, "-q", "-p", "no:cacheprovider"], [failures])
    # Any exit code except "all passed" counts: a failed import of a module stops pytest itself.
    report.write_text(
        json.dumps(failures.names or ([] if code == 0 else [f"pytest ends with {code!r}"]))
    )
    os._exit(0)


class _Here(Forks):
    """Records in forks of this process, in which the mutant is installed."""

    def _ask(self, request: str) -> int:
        with warnings.catch_warnings(action="ignore"):  # pytest would make errors of them
            return fork(recorder, request)


def _warm_up() -> None:
    """Import the slow modules once (Pulumi's and those of the tests), so that no fork has to."""
    with warnings.catch_warnings(action="ignore"):
        recorder.warm_up()
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            pytest.main(
                ["--collect-only", "-q", "-p", "no:cacheprovider", *MODULES["components.policies"]]
            )


def main() -> None:
    """Try all; fail if a survivor is not listed, a listed one died, or fewer than 95 % died."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("modules", nargs="*", default=[*MODULES])
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    if unknown := sorted({*given.modules} - MODULES.keys()):
        parser.error(f"no mutants of {', '.join(unknown)}; name some of {', '.join(MODULES)}")
    package.build_layer("x86_64")
    _warm_up()
    sources = {name: source_of(name) for name in MODULES}
    whole = Mutant("components.policies", 0, "nothing is changed", sources["components.policies"])
    (baseline,) = try_all([(whole, MODULES["components.policies"])], 1)
    if baseline.failed:
        raise SystemExit(f"without any change these fail: {', '.join(baseline.failed)}")

    faults = _try_dangers(given.workers)
    listed: dict[str, dict[str, str]] = yaml.safe_load(SURVIVORS.read_text("utf-8"))
    killed = survived = 0
    for name in given.modules:
        found = [(each, ("-x", *MODULES[name])) for each in mutants(name, sources[name])]
        outcomes: list[MutantResult] = []
        for outcome in try_all(found, given.workers):
            outcomes.append(outcome)
            if not outcome.failed:
                print(f"{name}.py:{outcome.mutant.line}: {outcome.mutant.change}", flush=True)
        left = [each.mutant for each in outcomes if not each.failed]
        print(f"{name}: {len(outcomes)} mutants, {len(left)} survive", flush=True)
        killed += len(outcomes) - len(left)
        survived += len(left)
        known = set(listed.get(name, {}))
        faults += [
            f"{name}.py:{each.line} survives unlisted: {each.change}"
            for each in left
            if each.change not in known
        ]
        died = known - {each.change for each in left}
        faults += [f"{name}.py is listed and does not survive: {each}" for each in sorted(died)]
    share = killed / ((killed + survived) or 1)
    print(f"{killed} killed, {survived} survived: {share:.1%} killed; {len(DANGERS)} dangers")
    print(*faults, sep="\n")
    sys.exit(bool(faults) or share < ENOUGH)


def source_of(module: str) -> str:
    """The source text of one of the modules."""
    return source_path(module).read_text("utf-8")


def _try_dangers(workers: int) -> list[str]:
    """Try each danger: the test that it names must fail."""
    expected = {each.name: each.test for each in DANGERS}
    found = [
        (each.mutant(), ("-k", each.test, *MODULES.get(each.module, (PROGRAM,))))
        for each in DANGERS
    ]
    faults: list[str] = []
    for outcome in try_all(found, workers):
        danger = outcome.mutant.change
        if expected[danger] in outcome.failed:
            print(f"{danger}: {expected[danger]}", flush=True)
        else:
            faults.append(f"{danger} does not fail {expected[danger]}: {outcome.failed}")
    return faults


if __name__ == "__main__":
    main()
