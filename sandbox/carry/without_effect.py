"""All that the program asks for and the sandbox leaves out, by name and with the reason."""

from __future__ import annotations

# Resource types that are registered and not made.
TYPES = {
    "aws:lambda/layerVersion:LayerVersion": (
        "the emulator runs the function on its own Python and packages; a layer holds wheels of "
        "Lambda's platform, which would shadow them"
    ),
}

# Properties by resource type; '*' is any type.
PROPERTIES: dict[str, dict[str, str]] = {
    "*": {"tags": "no policy of the program reads a tag"},
    "aws:cloudwatch/logGroup:LogGroup": {"skipDestroy": "the sandbox destroys nothing"},
    "aws:iam/role:Role": {"forceDetachPolicies": "the sandbox destroys nothing"},
    "aws:lambda/function:Function": {
        "layers": "layers are not carried out, see above",
        "publish": "no version is ever asked for",
    },
    "aws:s3/bucket:Bucket": {"forceDestroy": "the sandbox destroys nothing"},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "skipDestroy": "the sandbox destroys nothing"
    },
}


def reason(token: str, key: str) -> str | None:
    """Why the property `key` of the type `token` is left out; None if it is not."""
    return PROPERTIES.get(token, {}).get(key) or PROPERTIES["*"].get(key)
