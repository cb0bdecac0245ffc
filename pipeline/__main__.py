"""`python -m pipeline`: the commands of the workflows, and `make preview` and `make up` for people.

Exit codes: 0 done; 2 an error that a person can fix, with a sentence; 3 the stack has drifted, and
no issue reports it, or something is left under its old key. 1 is not used, because it is Python's
own code for a bug in this program.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from components.producer.bytecode import BytecodeError
from components.producer.package import LayerError
from pipeline import (
    billing,
    comments,
    deployed,
    drift,
    estimate,
    estimate_page,
    interview,
    layer,
    old_key,
    plugin,
    preview,
    report,
    ruleset,
    runbook,
    smoke,
)
from pipeline.errors import PipelineError
from pipeline.preflight import preflight
from pipeline.stack import settings_of
from recording.program import PROJECT

DONE, MENDABLE, DRIFTED = 0, 2, 3
LEFT = 3
COMMENT = "`make comment REPOSITORY=owner/name NUMBER=1 COMMIT=sha RUN=address`"


def main() -> int:
    """Run the command line; return the exit code."""
    try:
        return _run(_arguments())
    except (BytecodeError, LayerError, PipelineError) as error:
        sys.stderr.write(f"{error}\n")
        return MENDABLE


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("stack", help="the name in Pulumi.<stack>.yaml")
        return added

    commands.add_parser("plugin", help="install Pulumi's AWS plugin by its checksum")
    commands.add_parser("runbook-page", help="docs/runbook.md: the same for an example")
    commands.add_parser("plugin-checksum", help="ask GitHub for the checksum of that plugin")
    ruled = commands.add_parser("ruleset", help="say what main's rules on GitHub lack")
    ruled.add_argument("repository", help="owner/name")
    built = command("layer", "build the function's layer and bytecode for the stack")
    built.add_argument(
        "--other-python", action="store_true", help="accept another patch release: see the docs"
    )
    command("preflight", "check tools, layer, profiles and account ids; change nothing")
    looked = command("preview", "check, preview with the policy pack and save the plan")
    looked.add_argument("--base", help="write the pull request's comment against this revision")
    command("up", "check, then `pulumi up` as a person does it")
    command("deploy", "deploy exactly the plan that the preview saved")
    command("init", "ask what the stack needs, check it, and write Pulumi.<stack>.yaml")
    command("runbook", "what to do when an alarm rings, with this stack's names")
    drifted = command("drift", "compare the stack with its accounts")
    drifted.add_argument("--repository", help="owner/name: say it in one issue there")
    left = command("old-key", "say what is left under the key on the way from kms to s3")
    left.add_argument("--profile", help="of an administrator (the storage account's by default)")
    smoked = command("smoke", "upload a picture and wait for its thumbnails")
    smoked.add_argument(
        "--uploader",
        default="",
        help="profile of one of thumbx:access.uploaders, or else storage's",
    )
    smoked.add_argument("--reader", default="", help="the same of thumbx:access.readers")
    smoked.add_argument("--picture", help="a picture of yours instead of the sample")
    judged = command("estimate", "what a month costs, and how much the stack can take")
    judged.add_argument("--pictures", required=True, help="such as 1e6/day")
    judged.add_argument("--megabytes", type=float, default=3.0, help="of an original (%(default)s)")
    judged.add_argument(
        "--reads", type=float, default=0.0, help="of each thumbnail, from the bucket (%(default)s)"
    )
    said = command("comment", "write the comment from the files of `preview --base`")
    said.add_argument("--repository", required=True, help="owner/name")
    said.add_argument("--number", required=True, type=number, help="the pull request's number")
    said.add_argument("--commit", required=True, help="the commit that was previewed")
    said.add_argument("--run", required=True, help="the address of the run that did")
    return parser.parse_args()


def _run(given: argparse.Namespace) -> int:
    match given.command:
        case "plugin":
            plugin.install()
        case "plugin-checksum":
            print(plugin.write_checksum())
        case "ruleset":
            if lacks := ruleset.missing(given.repository):
                raise PipelineError("\n".join(lacks))
            print(f"{given.repository} asks for all that {ruleset.RULESET} says")
        case "init":
            interview.write(given.stack)
        case "runbook":
            print(runbook.page(given.stack, deployed.found(given.stack)), end="")
        case "runbook-page":
            print(runbook.example(), end="")
        case "estimate":
            _estimate(given.stack, given)
        case _:
            return _run_on(given.stack, given)
    return DONE


def _run_on(stack: str, given: argparse.Namespace) -> int:
    match given.command:
        case "layer":
            for path in layer.build(stack, other_python=given.other_python):
                print(path.name)
        case "preflight":
            preflight(stack)
            print(f"{stack} can be deployed from here")
        case "preview":
            if given.base:
                output = preview.preview(stack, "git", refresh=False)
                report.PreviewReport.of(given.base, output).write(stack)
            else:
                preview.preview(stack)
        case "up":
            preview.up(stack)
        case "deploy":
            preview.deploy(stack)
        case "drift" | "old-key":
            return _look(stack, given)
        case "smoke":
            _smoke(stack, given)
        case _:
            about = {"REPOSITORY": given.repository, "NUMBER": given.number}
            _need(COMMENT, **about, COMMIT=given.commit, RUN=given.run)
            body = report.comment(stack, given.commit, given.run)
            print(comments.comment(given.repository, given.number, f"preview:{stack}", body))
    return DONE


def _look(stack: str, given: argparse.Namespace) -> int:
    if given.command == "old-key":
        return LEFT if old_key.look(stack, given.profile) else DONE
    drifted = drift.drift(stack, given.repository)
    return DRIFTED if drifted and not given.repository else DONE


def _estimate(stack: str, given: argparse.Namespace) -> None:
    _need("`make estimate PICTURES=1e6/day`", PICTURES=given.pictures)
    pictures = estimate.pictures_of(given.pictures)
    load = estimate.Load(pictures=pictures, megabytes=given.megabytes, reads=given.reads)
    shape = estimate.shape_of(stack, settings_of(stack))
    print("\n".join(estimate_page.lines(stack, shape, load)))
    print(estimate_page.write(stack, shape, load).relative_to(PROJECT))


def _smoke(stack: str, given: argparse.Namespace) -> None:
    settings, place = settings_of(stack), smoke.place_of(stack)
    picture = Path(given.picture) if given.picture else smoke.PICTURE
    # The profile of an administrator, to whom the bucket's policy refuses none of these calls.
    names = (given.uploader or settings.storage.profile, given.reader or settings.storage.profile)
    clients = [smoke.client(name, settings.region) for name in names]
    began = time.time()
    seconds = smoke.smoke(place, *clients, picture=picture)
    print(f"all thumbnails {seconds:.1f} s after the upload", flush=True)
    logs = smoke.client(settings.producer.profile, settings.region, "logs")
    key = f"{place.originals}{smoke.key_of(picture)}"
    architecture = settings.function.architecture
    print(billing.sentence(logs, place.log_group, key, began, architecture))


def number(text: str) -> int:
    """A whole number; 0 if the variable that holds it is not set."""
    return int(text) if text else 0


def _need(example: str, **variables: object) -> None:
    """Refuse an empty value, which `make` passes if nobody set the variable."""
    if missing := [name for name, value in variables.items() if not value]:
        verb = "is" if len(missing) == 1 else "are"
        raise PipelineError(f"{' and '.join(missing)} {verb} not set; run {example}")


if __name__ == "__main__":
    sys.exit(main())
