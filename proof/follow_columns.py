"""The columns of the matrix for a stack whose thumbnails follow their originals; evaluated only.

tests/sandbox/test_following.py makes the calls, in a deployment with the option.
"""

from __future__ import annotations

from proof.attempts import Attempt, Need

GROUP = "follow"


def _evaluated(name: str, says: str, action: str, resource: str, **carries: str) -> Attempt:
    carried = {f"s3:{key}": value for key, value in carries.items()}
    return Attempt(
        group=GROUP,
        name=name,
        says=says,
        needs=(Need(action=action, resource=resource, owner="{storage}", carries=carried),),
    )


FOLLOW = (
    *(
        _evaluated(
            f"{verb} {place}",
            f"{verb} {{{place}}}*",
            action,
            f"{{bucket_arn}}/{{{place}}}{{there}}",
        )
        for verb, action in (
            ("delete", "s3:DeleteObject"),
            ("delete for good versions of", "s3:DeleteObjectVersion"),
        )
        for place in ("originals", "thumbnails", "elsewhere")
    ),
    *(
        _evaluated(
            f"list {place}", f"list {{{place}}}*", "s3:ListBucket", "{bucket_arn}", prefix=prefix
        )
        for place, prefix in (
            ("originals", "{originals}"),
            ("thumbnails", "{thumbnails}a.jpg/"),
            ("elsewhere", "{elsewhere}"),
        )
    ),
)
