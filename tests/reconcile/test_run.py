"""`python -m reconcile run`, against both accounts in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from handler.folder import file_names
from reconcile import command, comparison, permissions, run, sending
from reconcile.target import read_target
from tests.reconcile.aws import ADOPTED, BUCKET, NEWER, OLD, QUEUES, UNDELIVERED, Memory, stored

if TYPE_CHECKING:
    from pathlib import Path

UPLOADS, REFUSED, DEAD = QUEUES
NAMES = ("large.jpg", "small.jpg")


class KilledError(BaseException):
    """Ends a run as SIGKILL does: no handler of the program's own takes it."""


def pictures(*keys: str, thumbnails: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """Originals and, an hour younger, their thumbnails."""
    made = {f"thumbnails/{key}/{name}": stored(NEWER) for key in keys for name in thumbnails}
    return {f"originals/{key}": stored() for key in keys} | made


class Runner:
    """Runs the command line against a memory in which the function is quick."""

    def __init__(self, memory: Memory, work: Path) -> None:
        self.memory = memory
        self.work = work

    def run(self, *words: str, command_: str = "run") -> int:
        given = ["--work", str(self.work)] + ["--yes"] * (command_ == "run")
        return command.main([command_, *words, *given])

    def drain(self) -> None:
        """Do what the function does with every message: make the thumbnails, or refuse."""
        queue = self.memory.queues[UPLOADS]
        while queue:
            body = json.loads(queue.popleft()[0])
            below = body["key"].removeprefix("originals/")
            if below.startswith("bad"):
                told = {"key": body["key"], "reason": "not-an-image", "message": "it is text"}
                self.memory.queues[REFUSED].append((json.dumps(told), None))
                continue
            made = self.memory.environment
            for name in file_names(json.loads(made["SIZES"]), made["FORMATS"].split(",")):
                self.memory.put(f"thumbnails/{below}/{name}", stored(NEWER))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    made = Runner(Memory(), tmp_path / "work")
    monkeypatch.setattr(command, "connect", lambda *_: made.memory.access())
    monkeypatch.setattr(run, "LOOK", 0)

    def looked(operation: str, asked: dict[str, Any]) -> None:
        if operation == "GetQueueAttributes" and UPLOADS in asked["QueueUrl"]:
            made.drain()

    made.memory.before = looked
    return made


def fill(runner: Runner, objects: dict[str, Any]) -> None:
    for key, thing in objects.items():
        runner.memory.put(key, thing)


def test_what_is_missing_is_sent_and_nothing_else(runner: Runner) -> None:
    """Each message is a read, puts and a bill: a picture that has all is never sent."""
    fill(runner, pictures("whole", "a", "a/b.jpg"))
    fill(runner, pictures("half", thumbnails=("small.jpg",)))
    fill(runner, {"originals/bare": stored()})
    assert runner.run() == 0
    assert sorted(runner.memory.sent) == ["originals/bare", "originals/half"]


def test_a_picture_is_whole_with_all_sizes_in_all_formats(runner: Runner) -> None:
    """A second format is made of old pictures too, and the price counts its puts."""
    runner.memory.environment["FORMATS"] = "jpeg,webp"
    webp = tuple(name.replace("jpg", "webp") for name in NAMES)
    fill(runner, pictures("whole", thumbnails=NAMES + webp))
    fill(runner, pictures("jpeg") | pictures("one-less", thumbnails=NAMES + webp[1:]))
    fill(runner, pictures("old", thumbnails=NAMES + webp))
    runner.memory.put(f"thumbnails/old/{webp[0]}", stored(OLD - timedelta(days=1)))
    assert runner.run() == 0
    assert sorted(runner.memory.sent) == [f"originals/{key}" for key in ("jpeg", "old", "one-less")]
    assert read_target(runner.memory.access(), BUCKET).function.thumbnails == 4


def test_a_thumbnail_older_than_its_original_is_made_again(runner: Runner) -> None:
    """The event of the overwrite was lost."""
    fill(runner, pictures("replaced", "kept"))
    runner.memory.put("originals/replaced", stored(NEWER + timedelta(seconds=1)))
    runner.memory.put("originals/kept", stored(NEWER))
    runner.run()
    assert runner.memory.sent == ["originals/replaced"]


def test_an_upload_of_this_minute_is_left_to_its_own_event(runner: Runner) -> None:
    """It would be made twice while uploads go on."""
    fill(runner, {"originals/live": stored(NEWER + timedelta(days=365 * 50))})
    assert runner.run() == 0
    assert not runner.memory.sent


def test_all_makes_everything_again_and_before_what_is_older(runner: Runner) -> None:
    """New settings of quality or fit change nothing that a listing shows."""
    fill(runner, pictures("a", "b"))
    runner.memory.put("thumbnails/a/small.jpg", stored(OLD))
    runner.run("--before", NEWER.isoformat())
    assert runner.memory.sent == ["originals/a"]
    runner.memory.sent.clear()
    runner.run("--all")
    assert sorted(runner.memory.sent) == ["originals/a", "originals/b"]


def test_verify_compares_what_a_thumbnail_was_made_of(runner: Runner) -> None:
    """When a version is deleted, an older one becomes current, with its old time."""
    fill(runner, pictures("same", "other"))
    for key in ("same", "other"):
        for name in NAMES:
            runner.memory.put(
                f"thumbnails/{key}/{name}",
                stored(NEWER, metadata={"original-etag": "e" if key == "same" else "older"}),
            )
    runner.run("--verify")
    assert runner.memory.sent == ["originals/other"]


def test_an_archived_original_is_counted_and_not_sent(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be refused, and a restore costs what only its owner can decide."""
    fill(runner, {"originals/cold": stored(class_="DEEP_ARCHIVE")})
    assert runner.run() == 0
    assert not runner.memory.sent
    assert "archived: restore the original first" in capsys.readouterr().out


def test_no_more_than_max_are_sent(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a limit, a comparable product processed everybody's pictures, with a bill of
    thousands of dollars.
    """
    fill(runner, {f"originals/{number}": stored() for number in range(11)})
    assert runner.run("--max", "10") == 1
    assert not runner.memory.sent
    assert "11 are more than --max 10" in capsys.readouterr().out


def test_nothing_is_sent_without_a_yes(runner: Runner) -> None:
    """No terminal, no --yes: a job that forgot the option must not spend money."""
    fill(runner, {"originals/a": stored()})
    assert command.main(["run", "--work", str(runner.work)]) == 1
    assert not runner.memory.sent


@pytest.mark.parametrize("kill", range(1, 6))
def test_a_killed_run_goes_on_and_sends_at_most_one_batch_twice(runner: Runner, kill: int) -> None:
    """A run is killed at each of the first batches, after SQS has accepted it."""
    keys = [f"originals/{number:03d}" for number in range(45)]
    fill(runner, {key: stored() for key in keys})
    looked, batches = runner.memory.before, 0

    def dying(operation: str, asked: dict[str, Any]) -> None:
        nonlocal batches
        looked(operation, asked)
        if operation == "SendMessageBatch":
            batches += 1
            if batches == kill:
                runner.memory._send_message_batch(asked)
                raise KilledError

    runner.memory.before = dying
    with pytest.raises(KilledError):
        runner.run()
    assert runner.run() == 0
    twice = [key for key in keys if runner.memory.sent.count(key) > 1]
    assert set(runner.memory.sent) == set(keys)
    assert len(twice) == len(runner.memory.sent) - len(keys) <= 10


def test_a_run_with_other_options_does_not_go_on(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of one run and half of another would be the result of neither."""
    fill(runner, {f"originals/{number}": stored() for number in range(20)})

    def dying(operation: str, _asked: dict[str, Any]) -> None:
        if operation == "SendMessageBatch":
            raise KilledError

    runner.memory.before = dying
    with pytest.raises(KilledError):
        runner.run()
    assert runner.run("--all") == 2
    assert "a run with other options" in capsys.readouterr().err


def test_messages_that_sqs_did_not_take_are_sent_again(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SendMessageBatch answers 200 with a list of those that failed."""
    fill(runner, {f"originals/{number}": stored() for number in range(10)})
    real, tries = runner.memory._send_message_batch, []

    def flaky(asked: dict[str, Any]) -> dict[str, Any]:
        tries.append(len(asked["Entries"]))
        if len(tries) > 1:
            return real(asked)
        answer = real(asked | {"Entries": asked["Entries"][:7]})
        failed = [{"Id": each["Id"], "Code": "ServiceUnavailable", "SenderFault": False}
                  for each in asked["Entries"][7:]]  # fmt: skip
        return answer | {"Failed": failed}

    monkeypatch.setattr(runner.memory, "_send_message_batch", flaky)
    monkeypatch.setattr(sending.Sender, "sleep", lambda *_: None, raising=False)
    assert runner.run() == 0
    assert tries == [10, 3]
    assert len(runner.memory.sent) == 10


def test_no_more_than_an_hours_work_waits(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """This limit alone protects live uploads, and keeps messages from becoming too old or raising
    the alarm on their age.
    """
    monkeypatch.setattr(sending, "AHEAD", 1)
    monkeypatch.setattr(sending, "PAUSE", 0)
    fill(runner, {f"originals/{number:04d}": stored() for number in range(2000)})
    deepest, looks = 0, 0

    def slow(operation: str, asked: dict[str, Any]) -> None:
        nonlocal deepest, looks
        queue = runner.memory.queues[UPLOADS]
        deepest = max(deepest, len(queue))
        if operation == "GetQueueAttributes" and UPLOADS in asked["QueueUrl"]:
            looks += 1
            if looks % 3 == 0:
                runner.drain()

    runner.memory.before = slow
    assert runner.run() == 0
    # 28.5 ms of processor and 12 of waiting for a megabyte, ten copies: 246 pictures a second.
    assert 200 < deepest <= 246 + 10


def test_what_is_still_missing_is_named_with_the_reason(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise every run sends the same text file again, and nobody knows why it has no
    thumbnails.
    """
    fill(runner, {"originals/bad.txt": stored(), "originals/good.jpg": stored()})
    assert runner.run() == 1
    told = capsys.readouterr().out
    assert "originals/bad.txt" in told
    assert "not-an-image: it is text" in told
    assert len(runner.memory.queues[REFUSED]) == 1, "looking takes no message away"


def test_remove_deletes_what_belongs_to_nothing(runner: Runner) -> None:
    """It deletes no original, no thumbnail of the present settings and no other kind of object."""
    fill(runner, pictures("kept"))
    fill(runner, {
        "thumbnails/gone/small.jpg": stored(NEWER),
        "thumbnails/kept/huge.jpg": stored(NEWER),
        "thumbnails/kept/notes.txt": stored(NEWER),
    })  # fmt: skip
    before = set(runner.memory.objects)
    assert runner.run("--remove") == 0
    gone = {"thumbnails/gone/small.jpg", "thumbnails/kept/huge.jpg"}
    assert before - set(runner.memory.objects) == gone


def test_an_original_put_again_while_somebody_thinks_keeps_its_thumbnails(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was listed as a leftover is removed, and by then it is none: so it is listed again."""
    fill(runner, {"thumbnails/back/small.jpg": stored(NEWER)})
    asked = 0

    def agreed(_run: run.ReconcileRun, question: str) -> bool:
        nonlocal asked
        asked += 1
        if question.startswith("Delete"):
            fill(runner, pictures("back"))
        return True

    monkeypatch.setattr(run.ReconcileRun, "_agreed", agreed)
    assert runner.run("--remove") == 0
    assert runner.memory.sent == ["originals/back"]
    assert {f"thumbnails/back/{name}" for name in NAMES} <= set(runner.memory.objects)
    assert asked == 2


def test_live_uploads_do_not_keep_a_run_from_ending(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a busy bucket the queue is never empty."""
    monkeypatch.setattr(run, "PATIENCE", 0)
    fill(runner, {"originals/old": stored()})
    drained = runner.memory.before
    live = {"source": "thumbx.reconcile", "bucket": BUCKET, "key": "originals/live"}

    def busy(operation: str, asked: dict[str, Any]) -> None:
        drained(operation, asked)
        if operation == "GetQueueAttributes" and UPLOADS in asked["QueueUrl"]:
            runner.memory.queues[UPLOADS].append((json.dumps(live), None))

    runner.memory.before = busy
    assert runner.run() == 0
    told = capsys.readouterr().out
    assert "The queue is still busy" in told
    assert "Every original has its thumbnails." in told


def test_everything_that_is_still_missing_is_in_a_file_with_its_reason(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty on the screen are enough, and a thousand have to be found somewhere."""
    fill(runner, {f"originals/bad{number:02d}": stored() for number in range(30)})
    assert runner.run() == 1
    path = runner.work / BUCKET / "missing"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {row["key"] for row in rows} == {f"originals/bad{number:02d}" for number in range(30)}
    assert {row["reason"] for row in rows} == {"not-an-image: it is text"}
    assert f"and 10 more; all are in {path}" in capsys.readouterr().out


def test_a_listing_of_many_keys_says_how_far_it_is(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten million keys take minutes, and silence looks like a command that hangs."""
    monkeypatch.setattr(comparison, "PROGRESS", 1000)
    fill(runner, pictures(*(f"{number:05d}" for number in range(2500))))
    assert runner.run() == 0
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if line.endswith("so far")]
    assert len(lines) == 2 + 4  # of 2,500 originals and 5,000 thumbnails, the ends left out
    assert lines[0].startswith("listed 5")


def test_what_waits_is_named_where_thumbnails_are_still_missing(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that nobody can read is shown too, and hides no other message."""
    queues = runner.memory.queues
    fill(runner, pictures("has") | {"originals/lacks": stored()})
    for key in ("has", "lacks"):
        told = {"key": f"originals/{key}", "reason": "too-large", "message": "no"}
        queues[REFUSED].append((json.dumps(told), None))
    queues[REFUSED].append(("nobody's", None))
    assert runner.run(command_="waiting") == 1
    shown = capsys.readouterr().out
    assert "too-large: originals/lacks" in shown
    assert "too-large: originals/has" not in shown
    rows = [
        json.loads(line) for line in (runner.work / BUCKET / "waiting").read_text().splitlines()
    ]
    assert [(row["key"], row["lacks"]) for row in rows] == [
        ("originals/has", False),
        ("originals/lacks", True),
        (None, False),
    ]
    assert rows[2]["reason"] == "unknown"
    assert "nobody's" in rows[2]["says"]
    assert len(queues[REFUSED]) == 3


def test_a_right_that_is_missing_is_named_with_reconciles_own_command(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """The audit's rights would not do: they hold no sending."""

    def deny(operation: str, _asked: dict[str, Any]) -> None:
        if operation == "ListObjectsV2":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

    runner.memory.before = deny
    assert runner.run() == 2
    assert "`.venv/bin/python -m reconcile policy storage`" in capsys.readouterr().err


def test_each_message_carries_the_group_of_the_run(runner: Runner) -> None:
    """SQS's fair queues serve uploads of users before the backlog of one group."""
    fill(runner, {f"originals/{number}": stored() for number in range(20)})
    groups: set[str | None] = set()
    drained = runner.memory.before

    def looking(operation: str, asked: dict[str, Any]) -> None:
        groups.update(group for _, group in runner.memory.queues[UPLOADS])
        drained(operation, asked)

    runner.memory.before = looking
    runner.run()
    assert len(groups) == 1
    assert None not in groups


@pytest.mark.parametrize(
    ("words", "moved"),
    [((), 3), (("--reason", "too-large"), 1), (("--key", "originals/dead.jpg"), 1)],
)
def test_what_waits_for_a_person_goes_again(
    runner: Runner, words: tuple[str, ...], moved: int
) -> None:
    """All of it, by reason or by key; what was not chosen stays where it is."""
    queues = runner.memory.queues
    for key, reason in (("a", "too-large"), ("b", "not-an-image")):
        told = {"key": f"originals/{key}", "reason": reason, "message": "no"}
        queues[REFUSED].append((json.dumps(told), None))
    s3 = {"bucket": {"name": "x"}, "object": {"key": "originals/dead.jpg", "size": 1}}
    queues[DEAD].append((json.dumps({"Records": [{"s3": s3}]}), None))
    groups: set[str | None] = set()
    real = runner.memory.before

    def looking(operation: str, asked: dict[str, Any]) -> None:
        if operation == "SendMessage":
            groups.add(asked.get("MessageGroupId"))
        real(operation, asked)

    runner.memory.before = looking
    runner.run("--send-again", *words, command_="waiting")
    assert len(runner.memory.sent) == moved
    assert len(groups) == 1
    assert None not in groups
    assert len(queues[REFUSED]) + len(queues[DEAD]) == 3 - moved


def test_on_a_bucket_that_was_there_before_only_what_we_wrote_is_removed(runner: Runner) -> None:
    """Other people's objects may be below the thumbnails' prefix, with names like ours."""
    fill(runner, pictures("kept"))
    ours = {"original-etag": "e"}
    fill(runner, {
        "thumbnails/gone/small.jpg": stored(NEWER, metadata=ours),
        "thumbnails/theirs/small.jpg": stored(NEWER),
    })  # fmt: skip
    assert runner.run("--remove", "--bucket", ADOPTED) == 0
    assert "thumbnails/gone/small.jpg" not in runner.memory.objects
    assert "thumbnails/theirs/small.jpg" in runner.memory.objects


def test_what_eventbridge_could_not_deliver_goes_again(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its dead letters are in the storage account, and hold EventBridge's own events."""
    detail = {"bucket": {"name": ADOPTED}, "object": {"key": "originals/lost.jpg", "size": 1}}
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
    runner.memory.queues[UNDELIVERED].append((json.dumps(event), None))
    assert runner.run("--bucket", ADOPTED, command_="waiting") == 1
    assert "EventBridge could not deliver it" in " ".join(capsys.readouterr().out.split())
    assert runner.run("--bucket", ADOPTED, "--send-again", command_="waiting") == 0
    assert runner.memory.sent == ["originals/lost.jpg"]


@pytest.mark.parametrize("bucket", ["", ADOPTED])
def test_every_right_is_used_and_every_call_has_one(runner: Runner, bucket: str) -> None:
    """A permission that the command does not use can only be misused."""
    words = ("--bucket", bucket) if bucket else ()
    fill(runner, pictures("a") | {"originals/bad": stored(), "thumbnails/x/small.jpg": stored()})
    runner.run("--verify", "--remove", *words)
    runner.memory.put("thumbnails/x/small.jpg", stored(metadata={"original-etag": "e"}))
    runner.run("--remove", *words)
    told = json.dumps({"key": "originals/a", "reason": "too-large", "message": "no"})
    runner.memory.queues[REFUSED].append((told, None))
    runner.memory.queues[UNDELIVERED].append((json.dumps({"source": "aws.s3"}), None))
    runner.run(*words, command_="waiting")
    event = {"source": "thumbx.reconcile", "bucket": "b", "key": "originals/a"}
    runner.memory.queues[UNDELIVERED].append((json.dumps(event), None))
    runner.run("--send-again", *words, command_="waiting")
    granted = {
        (account, *operation)
        for account, of in permissions.grants(bucket).items()
        for grant in of
        for operation in grant.operations
    }
    assert set(runner.memory.made) == granted


@pytest.mark.parametrize("bucket", ["", ADOPTED])
def test_the_printed_rights_reach_no_original(
    capsys: pytest.CaptureFixture[str], bucket: str
) -> None:
    """On an existing bucket, no policy of ours refuses a deletion of one."""
    words = ["--bucket", bucket, "--thumbnails", "small/"] if bucket else []
    assert command.main(["policy", "storage", *words]) == 0
    statements = json.loads(capsys.readouterr().out)["Statement"]
    objects = {
        resource: each["Action"]
        for each in statements
        for resource in each["Resource"]
        if resource.startswith("arn:aws:s3:::") and "/" in resource
    }
    where = f"{bucket}/small/*" if bucket else "thumbx-images-*/thumbnails/*"
    assert list(objects) == [f"arn:aws:s3:::{where}"]
