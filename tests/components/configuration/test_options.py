"""The options as the dataclasses declare them, and the page that is written from them."""

from __future__ import annotations

import re
from dataclasses import MISSING

import pytest

from components.configuration.__main__ import TYPES, page
from components.configuration.options import Option, options_of
from components.configuration.reader import Place
from components.configuration.settings import GROUPS
from recording.program import PROJECT

OPTIONS = [(key, each) for key, kind in GROUPS.items() for each in options_of(kind)]


def test_the_page_of_options_is_the_one_that_the_dataclasses_make():
    """Otherwise the page would show an old default, or lack an option."""
    assert (PROJECT / "docs" / "options.md").read_text() == page(), "run `make options`"


@pytest.mark.parametrize(("group", "option"), OPTIONS, ids=lambda each: getattr(each, "key", each))
def test_each_default_passes_its_own_check(group: str, option: Option):
    """The default is used unchecked, so a default that its check would change would be a
    different value.
    """
    faults: list[str] = []
    given = list(option.default) if isinstance(option.default, tuple) else option.default
    if option.default is MISSING:
        assert option.key == "account"
    else:
        assert option.check("" if given is None else given, Place("", faults)) == option.default
        assert not faults


@pytest.mark.parametrize(("group", "option"), OPTIONS, ids=lambda each: getattr(each, "key", each))
def test_each_option_says_its_type_and_what_it_means(group: str, option: Option):
    """The page has nothing else to say of it."""
    assert option.type in TYPES
    assert re.fullmatch(r"[^\n|]{20,}[.]", option.meaning)
    assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", option.key)


def test_the_groups_are_those_of_the_configuration():
    """Every group has options, and each option name is in one group only, except those of an
    account.
    """
    names = [each.key for key, each in OPTIONS if key not in ("producer", "storage")]
    assert len(names) == len(set(names))
    assert all(options_of(kind) for kind in GROUPS.values())
