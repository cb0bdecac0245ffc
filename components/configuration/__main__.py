"""Prints docs/options.md: every option with its type, default and meaning."""

from __future__ import annotations

import json
from dataclasses import MISSING
from typing import TYPE_CHECKING

from components.configuration.options import options_of
from components.configuration.settings import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.configuration.options import Option

HEAD = """\
# Options

`make options` writes this page from `components/configuration/`, which has the defaults. Do not
edit it by hand.

The options are in groups, one object each, in `Pulumi.<stack>.yaml`:

```yaml
config:
  thumbx:region: eu-central-1
  thumbx:function:
    memory: 1024
```

or from the command line, which changes one field and leaves the others:

```sh
pulumi config set --path 'thumbx:function.memory' 1024
pulumi config set --path 'thumbx:access.uploaders[0]' arn:aws:iam::222222222222:role/uploader
pulumi config set --path 'thumbx:storage.account' 222222222222 --type string
```

A field that is left out has its default. Numbers, `true` and `false` are also taken as text, as
`pulumi config set` without `--path` writes them. All wrong values, unknown keys and unknown
fields are reported together. `--secret` is refused, because the values are readable in policies,
names and tags.

"""
REGION = """\
## `thumbx:region`

Text, required. The AWS region of both accounts. There is only one, because S3 notifies only queues
of its own region.

"""
TAIL = """\
## `thumbx:tags`

Object, name to text, by default `{}`. Tags for every resource, such as owner and cost-centre; 40 at
most. The program also sets the tags project and stack.

## `thumbx:emulatorPolicies`

True or false, by default `false`. Loosens two conditions for the local emulator. The grants do not
require credentials of the function, because the emulator's credentials carry no
`lambda:SourceFunctionArn`. The refusals also exempt sessions by ARN pattern. It is refused unless
both accounts have an endpoint on this machine.
"""
TYPES = {
    "bool": "true or false",
    "int": "whole number",
    "str": "text",
    "str | None": "text",
    "tuple[str, ...]": "list of text",
    "Mapping[str, int]": "object, name to number",
}


def page() -> str:
    """Return the whole page."""
    return HEAD + REGION + "".join(part for key in GROUPS for part in _group(key)) + TAIL


def _group(key: str) -> Iterator[str]:
    yield f"## `thumbx:{key}`\n\n{GROUPS[key].__doc__}\n\n".replace("\n    ", "\n")
    shared = [each.key for each in options_of(GROUPS["producer"])] if key == "storage" else []
    if shared:
        yield f"The fields of `thumbx:producer` ({', '.join(shared)}), and:\n\n"
    yield "| field | type | default | meaning |\n|---|---|---|---|\n"
    for each in options_of(GROUPS[key]):
        if each.key not in shared:
            yield f"| `{each.key}` | {TYPES[each.type]} | {_default(each)} | {each.meaning} |\n"
    yield "\n"


def _default(option: Option) -> str:
    if option.default is MISSING:
        return "required"
    return "none" if option.default is None else f"`{json.dumps(option.default)}`"


if __name__ == "__main__":
    print(page(), end="")
