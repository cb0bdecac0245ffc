"""Computes what a preview adds to the monthly bill, as far as a list of resources shows it.

It counts only resources that cost money by existing, at the list prices of us-east-1 in US dollars.
Requests, storage, trail events and function time depend on the pictures and are left out, and the
text says so.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from recording.resource_types import resource_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REST = (
    "An alarm counts as one metric, and nothing as free; requests, storage, log and trail volume "
    "are not in this. docs/audit.md has the whole bill."
)

# A line of `pulumi preview --diff`, such as ` + aws:kms/key:Key: (create)`, with a lock at the end
# if the resource is protected (printStepHeader in the CLI's pkg/backend/display). Lines that change
# no bill look different: a replacement (`+-`, `++`, `--`), and `(delete[retain])`, which keeps the
# resource.
_STEP = re.compile(r"^\s*([+-]) (aws:[\w/]+:\w+): \((?:create|delete)\)(?: \S+)?$", re.MULTILINE)


def difference(diff: str) -> str:
    """Return a line for each type that the output of `pulumi preview --diff` adds or removes."""
    counts: Counter[str] = Counter()
    for sign, token in _STEP.findall(diff):
        counts[token] += 1 if sign == "+" else -1
    lines = [
        f"{counts[token]:+d} {token.rpartition(':')[2]}, {counts[token] * price:+.2f} USD a month"
        for token, price in monthly(counts)
        if counts[token]
    ]
    if not lines:
        lines = ["No resource that costs money while it exists is added or removed."]
    return "\n".join([*lines, REST])


def monthly(tokens: Iterable[str]) -> Iterator[tuple[str, float]]:
    """The types that cost money while they exist, with the price; an unpriced type raises."""
    for token in sorted(tokens):
        price = resource_type(token).monthly
        if price:
            yield token, price
