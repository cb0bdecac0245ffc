"""The demo: deploy, upload, wait, try what must fail, and write the page."""

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
from demo.page import write_page
from demo.refusals import REFUSALS
from demo.story import Story
from demo.tracing import trace_thumbnail
from demo.trial import permit, refuse
from recording.program import PROJECT
from sandbox import limits, uploads
from sandbox.actors import Actors
from sandbox.attempts import PERMITTED
from sandbox.deployment import deploy
from sandbox.emulator import Emulator
from sandbox.stack import Stack

if TYPE_CHECKING:
    from demo.trial import Verdict
    from sandbox.deployment import Deployment

SAMPLES = PROJECT / "samples"
FOLDER = PROJECT / "build" / "demo"


def run(images: Path | None) -> int:
    """Run the demo with the samples and the pictures of `images`; return the exit code."""
    paths = [(path.name, path) for path in uploads.pictures(SAMPLES)]
    if images:
        folder = images.resolve().name
        paths += [(f"{folder}/{path.name}", path) for path in uploads.pictures(images)]
    console = Console(highlight=False)
    console.print(Text("thumbx, two AWS accounts on this machine", style="bold"))
    console.print(limits.NOTICE, style="dim")
    console.print(limits.WARNING, style="dim")
    story = Story()
    with ExitStack() as running:
        deployment = _deploy(console, story, running)
        story.uploads = [
            uploads.prepare(deployment, name, path.read_bytes()) for name, path in paths
        ]
        _make_thumbnails(console, story, deployment)
        _trace(console, story, deployment)
        _try_access(console, story, deployment)
        page = write_page(story, deployment, FOLDER)
    return conclude(console, story, page)


def _deploy(console: Console, story: Story, running: ExitStack) -> Deployment:
    stack = Stack.read()
    with console.status("starting the emulator"), story.stage("start the emulator"):
        emulator = running.enter_context(Emulator(log=FOLDER / "emulator.log"))
    _did(console, story, f"ministack on {emulator.endpoint}, IAM enforced")
    with console.status("making users and roles"), story.stage("make users and roles"):
        actors = Actors(emulator.clients, stack)
        actors.seed()
    with console.status("running the program"), story.stage("deploy the program"):
        deployment = deploy(emulator.clients, stack, actors)
    made = [each for each in deployment.resources if each.made]
    _did(console, story, f"__main__.py, {len(made)} resources in two accounts")
    return deployment


def _make_thumbnails(console: Console, story: Story, deployment: Deployment) -> None:
    total = sum(len(upload.thumbnails) for upload in story.uploads)
    columns = (
        TextColumn("  {task.description:<11}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        with story.stage("upload the pictures"):
            task = progress.add_task("uploads", total=len(story.uploads))
            for upload in story.uploads:
                uploads.send(deployment, upload)
                progress.advance(task)
        with story.stage("wait for the thumbnails"):
            task = progress.add_task("thumbnails", total=total)
            uploads.wait(
                deployment, story.uploads, lambda count: progress.update(task, completed=count)
            )
    with story.stage("read the thumbnails"):
        for upload in story.uploads:
            if upload.seconds:
                story.thumbnails |= uploads.fetch(deployment, upload)
    times = sorted(upload.seconds for upload in story.uploads if upload.seconds)
    took = f", {times[0]:.2f} to {times[-1]:.2f} s after the upload" if times else ""
    up, back = len(story.uploads), len(story.thumbnails)
    _did(console, story, f"{up} pictures up, {back} of {total} thumbnails back{took}")


def _trace(console: Console, story: Story, deployment: Deployment) -> None:
    """Ask the audit about one thumbnail, as its command `trace` would be."""
    made = [upload for upload in story.uploads if upload.seconds]
    if not made:
        return  # the demo has failed for another reason
    with console.status("tracing a thumbnail"), story.stage("trace a thumbnail to its log line"):
        try:
            story.traced = trace_thumbnail(deployment, made[0].smallest)
        except AuditError as error:
            story.untraced = str(error)
            return
    if line := story.traced.line:
        says = f"{story.traced.key} traced to message {line.get(MESSAGE_ID)} in the function's log"
        _did(console, story, says)


def _try_access(console: Console, story: Story, deployment: Deployment) -> None:
    whole = next((upload for upload in story.uploads if upload.seconds), None)
    if whole is None:
        return  # without any thumbnail there is nothing to be refused; the demo has failed
    deployment.about(whole.key, whole.smallest)
    with story.stage("try what is allowed"):
        story.permitted = [permit(deployment, attempt) for attempt in PERMITTED]
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        story.stage("try what is refused, and prove why"),
    ):
        for refusal in progress.track(REFUSALS, description="  refusals"):
            story.refused.append(refuse(deployment, refusal))
    console.print("\nWho may", style="bold")
    for verdict in story.permitted:
        console.print(_row(verdict, "refused" if verdict.code else "allowed"))
    console.print("\nWho may not, and the statements that each by itself refuse it", style="bold")
    for verdict in story.refused:
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


def _did(console: Console, story: Story, says: str) -> None:
    console.print(f"  {story.stages[-1].ended:4.1f} s  {says}", soft_wrap=True)


def conclude(console: Console, story: Story, page: Path) -> int:
    """Say what came out; return the exit code, 1 if anything is not as it should be."""
    console.print("\nWhat this cannot show", style="bold")
    for title, explained in limits.LIMITS.items():
        line = Text(f"  {title}: ")
        line.append(explained, style="dim")
        console.print(line)
    console.print()
    for problem in story.problems:
        console.print(Text(f"wrong: {problem}", style="bold red"))
    allowed = sum(not verdict.code for verdict in story.permitted)
    refused = sum(bool(verdict.code) for verdict in story.refused)
    here = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    summary = (
        f"{len(story.thumbnails)} thumbnails, {allowed} of {len(PERMITTED)} calls allowed, "
        f"{refused} of {len(REFUSALS)} refused, in {story.seconds:.1f} s: {here}"
    )
    if story.problems:
        console.print(
            f"{summary}\nNot all is as it should be. What the emulator said is in "
            f"{FOLDER / 'emulator.log'}",
            style="red",
            soft_wrap=True,
        )
        return 1
    console.print(summary, style="green", soft_wrap=True)
    return 0
