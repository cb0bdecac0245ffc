"""Runs the demo: deploys, uploads, waits, tries what must be refused, and writes the page."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from audit.accounts.errors import AuditError
from audit.evidence.logs import MESSAGE_ID
from components.producer import package
from demo import pictures
from demo.demo_run import DemoRun
from demo.page import write_page
from demo.refusals import REFUSALS
from demo.tracing import trace_thumbnail
from demo.verdicts import permit, refuse
from recording.program import PROJECT
from sandbox import limits, uploads
from sandbox.actors import Actors
from sandbox.attempts import PERMITTED
from sandbox.deployment import deploy
from sandbox.emulator import Emulator
from sandbox.stack import Stack

if TYPE_CHECKING:
    from demo.verdicts import Verdict
    from sandbox.deployment import Deployment

SAMPLES = PROJECT / "samples"
FOLDER = PROJECT / "build" / "demo"


def run(images: Path | None) -> int:
    """Run the demo with the samples and the pictures of `images`; return the exit code."""
    samples = pictures.read(SAMPLES)
    own = pictures.read(images, f"{images.resolve().name}/") if images else pictures.Pictures()
    console = Console(highlight=False)
    console.print(Text("thumbx, two AWS accounts on this machine", style="bold"))
    console.print(limits.NOTICE, style="dim")
    console.print(limits.WARNING, style="dim")
    package.build_layer("x86_64")
    demo_run = DemoRun()
    with ExitStack() as running:
        deployment = _deploy(console, demo_run, running)
        ours, theirs = (
            [uploads.prepare(deployment, *each) for each in found.bodies.items()]
            for found in (samples, own)
        )
        demo_run.uploads, demo_run.left_out = ours + theirs, own.left_out
        demo_run.own = frozenset(each.key for each in theirs)
        _make_thumbnails(console, demo_run, deployment)
        _trace(console, demo_run, deployment)
        _try_access(console, demo_run, deployment)
        page = write_page(demo_run, deployment, FOLDER)
    return conclude(console, demo_run, page)


def _deploy(console: Console, demo_run: DemoRun, running: ExitStack) -> Deployment:
    stack = Stack.read()
    with console.status("starting the emulator"), demo_run.step("start the emulator"):
        emulator = running.enter_context(Emulator(log=FOLDER / "emulator.log"))
    _did(console, demo_run, f"ministack on {emulator.endpoint}, IAM enforced")
    with console.status("making users and roles"), demo_run.step("make users and roles"):
        actors = Actors(emulator.clients, stack)
        actors.seed()
    with console.status("running the program"), demo_run.step("deploy the program"):
        deployment = deploy(emulator.clients, stack, actors)
    made = [each for each in deployment.resources if each.made]
    _did(console, demo_run, f"__main__.py, {len(made)} resources in two accounts")
    return deployment


def _make_thumbnails(console: Console, demo_run: DemoRun, deployment: Deployment) -> None:
    total = sum(len(upload.thumbnails) for upload in demo_run.uploads)
    columns = (
        TextColumn("  {task.description:<11}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        with demo_run.step("upload the pictures"):
            task = progress.add_task("uploads", total=len(demo_run.uploads))
            for upload in demo_run.uploads:
                uploads.send(deployment, upload)
                progress.advance(task)
        with demo_run.step("wait for the thumbnails"):
            task = progress.add_task("thumbnails", total=total)
            uploads.wait(
                deployment, demo_run.uploads, lambda count: progress.update(task, completed=count)
            )
    with demo_run.step("read the thumbnails"):
        for upload in demo_run.uploads:
            if upload.seconds:
                demo_run.thumbnails |= uploads.fetch(deployment, upload)
    times = sorted(upload.seconds for upload in demo_run.uploads if upload.seconds)
    took = f", {times[0]:.2f} to {times[-1]:.2f} s after the upload" if times else ""
    up, back = len(demo_run.uploads), len(demo_run.thumbnails)
    _did(console, demo_run, f"{up} pictures up, {back} of {total} thumbnails back{took}")


def _trace(console: Console, demo_run: DemoRun, deployment: Deployment) -> None:
    """Ask the audit about one thumbnail, in the same way as its command `trace`."""
    made = [upload for upload in demo_run.uploads if upload.seconds]
    if not made:
        return  # the demo has failed for another reason
    with console.status("tracing a thumbnail"), demo_run.step("trace a thumbnail to its log line"):
        try:
            demo_run.traced = trace_thumbnail(deployment, made[0].smallest)
        except AuditError as error:
            demo_run.untraced = str(error)
            return
    if line := demo_run.traced.line:
        says = (
            f"{demo_run.traced.key} traced to message {line.get(MESSAGE_ID)} in the function's log"
        )
        _did(console, demo_run, says)


def _try_access(console: Console, demo_run: DemoRun, deployment: Deployment) -> None:
    whole = next((upload for upload in demo_run.uploads if upload.seconds), None)
    if whole is None:
        return  # without a thumbnail no refusal can be tried; the demo has failed
    deployment.about(whole.key, whole.smallest)
    with demo_run.step("try what is allowed"):
        demo_run.permitted = [permit(deployment, attempt) for attempt in PERMITTED]
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        demo_run.step("try what is refused, and prove why"),
    ):
        for refusal in progress.track(REFUSALS, description="  refusals"):
            demo_run.refused.append(refuse(deployment, refusal))
    console.print("\nWho may", style="bold")
    for verdict in demo_run.permitted:
        console.print(_row(verdict, "refused" if verdict.code else "allowed"))
    console.print("\nWho may not, and the statements that each by itself refuse it", style="bold")
    for verdict in demo_run.refused:
        console.print(_row(verdict, "refused" if verdict.code else "allowed"))


def _row(verdict: Verdict, outcome: str) -> Table:
    row = Table.grid(padding=(0, 2))
    row.add_column(width=7)
    row.add_column()
    told = Text(verdict.attempt.says)
    told.append(f"\n{verdict.call}", style="cyan")
    if verdict.code:
        told.append(f"\n{verdict.code}: {verdict.message}", style="dim")
    for reason in verdict.reasons:
        told.append(f"\n  {reason.says}", style="green" if not verdict.problem else "red")
        told.append(f"  {reason.document}", style="dim")
    if verdict.problem:
        told.append(f"\n{verdict.problem}", style="bold red")
    row.add_row(Text(outcome, style="red" if verdict.problem else "green"), told)
    return row


def _did(console: Console, demo_run: DemoRun, says: str) -> None:
    console.print(f"  {demo_run.steps[-1].ended:4.1f} s  {says}", soft_wrap=True)


def conclude(console: Console, demo_run: DemoRun, page: Path) -> int:
    """Print the result; return the exit code, 1 if anything is wrong."""
    console.print("\nWhat this cannot show", style="bold")
    for title, explained in limits.LIMITS.items():
        line = Text(f"  {title}: ")
        line.append(explained, style="dim")
        console.print(line)
    console.print()
    for note in demo_run.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    for problem in demo_run.problems:
        console.print(Text(f"wrong: {problem}", style="bold red"))
    allowed = sum(not verdict.code for verdict in demo_run.permitted)
    refused = sum(bool(verdict.code) for verdict in demo_run.refused)
    here = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    summary = (
        f"{len(demo_run.thumbnails)} thumbnails, {allowed} of {len(PERMITTED)} calls allowed, "
        f"{refused} of {len(REFUSALS)} refused, in {demo_run.seconds:.1f} s: {here}"
    )
    if demo_run.problems:
        console.print(
            f"{summary}\nSomething above failed. The emulator's log is {FOLDER / 'emulator.log'}",
            style="red",
            soft_wrap=True,
        )
        return 1
    console.print(summary, style="green", soft_wrap=True)
    return 0
