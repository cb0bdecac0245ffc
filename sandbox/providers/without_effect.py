"""Everything that the program asks for and the sandbox leaves out, with the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Unmade:
    """A resource type that is registered but not made; other resources may still name its `arn`."""

    reason: str
    arn: str


TYPES = {
    "aws:lambda/layerVersion:LayerVersion": Unmade(
        reason="the emulator runs the function on its own Python and packages; a layer has wheels "
        "of Lambda's platform, which would be imported first",
        arn="arn:aws:lambda:{region}:{account}:layer:{name}:1",
    ),
}

_NO_PLUGIN = "the sandbox has its own clients, and no plugin that would read it"

# Properties, by resource type. An input that is neither in a list here nor carried out is an error.
PROPERTIES = {
    "aws:kms/key:Key": {
        "deletionWindowInDays": "nothing is destroyed, and the key ends with the emulator"
    },
    "aws:s3/bucket:Bucket": {"forceDestroy": "nothing is destroyed; it ends with the emulator"},
    "pulumi:providers:aws": {
        "accessKey": _NO_PLUGIN,
        "defaultTags": "no policy of the program reads a tag",
        "ignoreTags": "no policy of the program reads a tag",
        "s3UsePathStyle": _NO_PLUGIN,
        "secretKey": _NO_PLUGIN,
        "skipCredentialsValidation": _NO_PLUGIN,
        "skipMetadataApiCheck": _NO_PLUGIN,
        "skipRegionValidation": _NO_PLUGIN,
    },
}


def unknown(token: str, keys: list[str]) -> list[str]:
    """The `keys` that may not be left out of a resource of type `token`."""
    return [key for key in keys if key not in PROPERTIES.get(token, {})]
