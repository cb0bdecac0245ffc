"""The key of the storage account. The emulator does not check the key when it returns a picture."""

from __future__ import annotations

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest


def key(request: ResourceRequest) -> Created:
    """A key with its policy; if the program asks for it, with a new secret each year."""
    kms = request.target.client("kms")
    made = kms.create_key(
        Policy=request.need("policy"), **request.present(Description="description")
    )["KeyMetadata"]
    if request.take("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return Created(id=made["KeyId"], outputs={"arn": made.get("Arn"), "keyId": made["KeyId"]})


def change_key(request: ResourceRequest, key_id: str) -> None:
    """Change its policy; no option of the program changes anything else of a key."""
    request.target.client("kms").put_key_policy(KeyId=key_id, Policy=request.need("policy"))


DEFINITIONS = {
    "aws:kms/key:Key": Definition(
        create=key,
        update=change_key,
        read=(
            Call("kms", "describe_key", ("KeyId",)),
            Call(
                "kms", "get_key_policy", ("KeyId",), {"PolicyName": "default"}, document=("Policy",)
            ),
        ),
        delete=Call("kms", "schedule_key_deletion", ("KeyId",)),
    ),
}
