"""The user's own folder: for any content, the demo prints a sentence and continues."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from demo.demo_run import DemoRun
from demo.pictures import read
from sandbox.errors import SandboxError
from sandbox.uploads import TimedUpload

if TYPE_CHECKING:
    from pathlib import Path


def test_pictures_in_folders_are_read_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "2024" / "may").mkdir(parents=True)
    (tmp_path / "2024" / "may" / "cat.JPG").write_bytes(b"cat")
    (tmp_path / "dog.png").write_bytes(b"dog")
    (tmp_path / "notes.txt").write_text("on the pictures")
    (tmp_path / "album.jpg").mkdir()
    found = read(tmp_path, "mine/")
    assert found.bodies == {"mine/2024/may/cat.JPG": b"cat", "mine/dog.png": b"dog"}
    assert found.left_out == []


def test_what_cannot_be_read_or_named_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    """Each of these files used to end the demo with a traceback."""
    (tmp_path / "cat.jpg").write_bytes(b"cat")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.jpg"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(b"coffee")
    found = read(tmp_path)
    assert found.bodies == {"cat.jpg": b"cat"}
    assert sorted(found.left_out) == [
        r"caf\udce9.jpg is left out: S3 accepts only names in UTF-8",
        "gone.jpg is left out: it cannot be read (No such file or directory)",
        "loop.jpg is left out: it cannot be read (Too many levels of symbolic links)",
    ]


def test_a_folder_without_a_picture_says_why(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    with pytest.raises(SandboxError, match=r"has no picture; (?s:.*)\ngone\.jpg is left out"):
        read(tmp_path)
    with pytest.raises(SandboxError, match="is not a folder; name one with pictures"):
        read(tmp_path / "nowhere")


def test_only_a_picture_of_the_demo_s_own_must_not_be_refused() -> None:
    """A user's broken file may be refused; a sample may not."""
    broken = TimedUpload(key="originals/mine/x.jpg", body=b"", thumbnails={}, refused=True)
    broken.trouble = "was refused by the function: it ends in the middle"
    run = DemoRun(uploads=[broken], own=frozenset({broken.key}), left_out=["a.jpg is left out"])
    assert run.problems == []
    assert run.notes == [
        "a.jpg is left out",
        "originals/mine/x.jpg was refused by the function: it ends in the middle",
    ]
    run.own = frozenset()
    assert run.problems == [
        "originals/mine/x.jpg was refused by the function: it ends in the middle"
    ]
