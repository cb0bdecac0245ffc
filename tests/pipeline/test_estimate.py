"""The price and the capacity that `make estimate` prints."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handler.pictures.formats import ENCODERS
from pipeline import estimate, estimate_page
from pipeline.errors import PipelineError
from reconcile.cost import ENCODING_MS, FunctionCapacity
from recording import prices

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = FunctionCapacity(
    memory=1769, architecture="x86_64", concurrency=10, sizes=3, formats=("jpeg",)
)
SHAPE = estimate.Shape(
    region="us-east-1",
    function=FUNCTION,
    thumbnail_bytes=50_000,
    data_events="all",
    own_key=False,
    event_bridge=False,
    fixed=7.4,
)
LOAD = estimate.Load(pictures=1e6)


@pytest.mark.parametrize(
    ("text", "pictures"),
    [("1e6/day", 3e7), ("1000000", 1e6), ("10/second", 25_920_000), ("1.5e3/hour", 1_080_000)],
)
def test_a_number_of_pictures_is_read_as_people_write_it(text: str, pictures: float):
    assert estimate.pictures_of(text) == pictures


@pytest.mark.parametrize("text", ["many", "1e6/fortnight", "0/day", "1e10/month", "-5"])
def test_a_number_that_the_model_does_not_hold_is_refused_with_an_example(text: str):
    """People would believe an estimate that is far outside the measured range."""
    with pytest.raises(PipelineError, match="write PICTURES=1e6/day"):
        estimate.pictures_of(text)


def test_the_items_are_those_of_the_price_list():
    """A million pictures in us-east-1, by hand: three puts, two gets, six logged calls each."""
    found = estimate.items(SHAPE, LOAD)
    assert found["puts of thumbnails"] == pytest.approx(15.00)
    assert found["gets of originals"] == pytest.approx(0.80)
    assert found["trail's data events"] == pytest.approx(6.00)
    assert found["alarms, dashboards, key, metrics"] == pytest.approx(7.4 + 6 * 0.30)
    assert found["EventBridge"] == found["KMS requests"] == 0
    assert all(dollars >= 0 for dollars in found.values())


@pytest.mark.parametrize(
    "dearer",
    [
        replace(SHAPE, own_key=True),
        replace(SHAPE, event_bridge=True),
        replace(SHAPE, region="eu-central-1"),
        replace(SHAPE, function=replace(FUNCTION, sizes=4)),
        replace(SHAPE, function=replace(FUNCTION, formats=("jpeg", "webp"))),
    ],
)
def test_what_costs_more_is_shown_to_cost_more(dearer: estimate.Shape):
    assert sum(estimate.items(dearer, LOAD).values()) > sum(estimate.items(SHAPE, LOAD).values())


def test_every_format_has_its_bytes_and_its_time():
    """Without them, the estimate of a stack with a new format would end in a traceback."""
    assert estimate.BYTES_A_PIXEL.keys() == ENCODING_MS.keys() == ENCODERS.keys()


def test_a_second_format_is_named_with_what_it_costs():
    """The puts of all sizes, once again, and the time to encode them."""
    two = replace(SHAPE, function=replace(FUNCTION, formats=("jpeg", "webp")))
    found, before = estimate.items(two, LOAD), estimate.items(SHAPE, LOAD)
    assert found["puts of thumbnails"] == 2 * before["puts of thumbnails"]
    assert found["Lambda"] > before["Lambda"]
    saved = {text: dollars for dollars, text in estimate.savings(two, LOAD)}
    (webp,) = [dollars for text, dollars in saved.items() if "formats without webp" in text]
    assert webp > before["puts of thumbnails"]


def test_each_choice_of_data_events_is_named_with_what_it_no_longer_shows():
    """The function's calls are most of the trail's bill, but they also show a stolen session."""
    saved = {text: dollars for dollars, text in estimate.savings(SHAPE, LOAD)}
    assert saved[
        "watch.trail off: nobody can say either, and there is no alarm on denied calls"
    ] == pytest.approx(6.00)
    writes = "watch.dataEvents writes: nobody can say who saw a picture"
    assert saved[writes] == pytest.approx(2.00)
    assert any("watch.dataEvents reads" in text for text in saved)
    assert list(saved.values()) == sorted(saved.values(), reverse=True)


def test_the_tightest_bound_comes_first_and_a_load_above_it_is_said():
    rates = estimate.bounds(SHAPE, LOAD)
    assert list(rates.values()) == sorted(rates.values())
    assert next(iter(rates)) == "concurrency"
    said = "\n".join(estimate_page.lines("dev", SHAPE, replace(LOAD, pictures=1e9)))
    assert "the queue grows, and old messages are lost" in said
    assert "has room for peaks" in "\n".join(estimate_page.lines("dev", SHAPE, LOAD))


def test_eventbridge_counts_every_event_of_the_bucket_and_the_way_to_the_other_account():
    """S3 sends all of them once the switch is on, thumbnails too; one goes on to the queue."""
    found = estimate.items(replace(SHAPE, event_bridge=True), LOAD)
    assert found["EventBridge"] == pytest.approx(4 * 1.00 + 0.05)


def test_a_function_that_is_not_busy_gets_its_messages_one_by_one():
    """A batch of ten needs ten waiting messages; if it were assumed, a small bill would look
    even smaller.
    """
    assert estimate.batch(SHAPE, LOAD) == 1
    busy = replace(LOAD, pictures=1e9)
    assert estimate.batch(SHAPE, busy) == 10
    a_picture = [estimate.items(SHAPE, each)["queue"] / each.pictures for each in (LOAD, busy)]
    assert a_picture[0] > 2 * a_picture[1]


def test_each_price_says_where_it_was_read():
    """Nobody can tell whether a number without a source is right or out of date."""
    said = "\n".join(estimate_page.lines("dev", SHAPE, LOAD))
    assert f"Where the prices were read, on {prices.READ}:" in said
    for what, page, how in prices.SOURCES:
        assert page.startswith("aws.amazon.com/"), what
        assert f"{what}: {page}; {how}" in said


def test_the_page_draws_every_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(estimate_page, "PAGE", tmp_path / "page" / "index.html")
    page = estimate_page.write("dev", SHAPE, LOAD).read_text("utf-8")
    assert len(re.findall(r'class="bar"', page)) == len(estimate.items(SHAPE, LOAD))
