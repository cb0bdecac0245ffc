"""The CORS of the pictures' bucket: one rule for the pages that are named, and none without."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

CORS = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
ORIGINS = ["https://pictures.example.com", "http://localhost:3000"]
RULE = {
    "allowedOrigins": ORIGINS,
    "allowedMethods": ["POST"],
    "allowedHeaders": ["Content-Type"],
    "exposeHeaders": ["ETag", "Location"],
    "maxAgeSeconds": 3600,
}


@pytest.fixture(scope="module")
def program(layer: None) -> Recording:
    return record("dev", {"access.origins": ORIGINS})


def test_pages_with_these_origins_may_send_forms_and_nothing_else(program: Recording) -> None:
    """With GET or PUT, a script could use presigned URLs that were never made for a page."""
    (cors,) = program.of(CORS)
    assert cors.inputs == {"bucket": "thumbx-images-0a1b2c3", "corsRules": [RULE]}


def test_nothing_but_the_rule_is_added(program: Recording, dev: Recording) -> None:
    """The option is no grant: every policy stays as it is."""
    before = {(each.token, each.name): each.inputs for each in dev.resources}
    after = {
        (each.token, each.name): each.inputs for each in program.resources if each.token != CORS
    }
    assert {key: inputs for key, inputs in after.items() if before.get(key) != inputs} == {}
    assert not dev.of(CORS)


def test_the_rule_for_an_owner_is_the_rule_that_the_program_makes() -> None:
    """The page shows it for buckets whose CORS the program leaves alone."""
    page = (PROJECT / "docs" / "delivery.md").read_text("utf-8")
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    ours = {key[0].upper() + key[1:]: value for key, value in RULE.items()}
    assert json.loads(shown) == ours | {"AllowedOrigins": ORIGINS[:1]}
