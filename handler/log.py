"""The contents and the format of the function's log."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

# Control characters, and characters that change the direction of a text or break its line; a
# terminal would show another key than the uploaded one. JSON itself escapes U+0000 to U+001F.
UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def silence_libraries() -> None:
    """Drop each record below INFO, from any logger and whatever its level is set to.

    At DEBUG botocore logs whole answers, including AssumeRole's secret key and token, and Lambda's
    runtime sets the root logger to the level that somebody chose in the console. Levels can be set
    at any time; this limit is checked before them. The function itself writes nothing below INFO.
    """
    logging.disable(logging.INFO - 1)
    # This logger reports each failed refresh with a traceback, which may quote STS's answer. The
    # line of the failed upload says the same.
    logging.getLogger("botocore.credentials").disabled = True


def serialized(line: dict[str, Any]) -> str:
    r"""One line of the log as JSON: object keys stay readable, unsafe characters become \uXXXX."""
    text = json.dumps(line, default=str, separators=(",", ":"), ensure_ascii=False)
    return UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)
