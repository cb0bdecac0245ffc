"""The key of the storage account. The emulator asks no key before it hands out a picture."""

from __future__ import annotations

from sandbox.providers.request import Created, Order


def key(order: Order) -> Created:
    """A key with its policy and, where the program asks for it, a new secret each year."""
    kms = order.target.client("kms")
    made = kms.create_key(Policy=order.need("policy"), **order.present(Description="description"))[
        "KeyMetadata"
    ]
    if order.take("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return Created(id=made["KeyId"], outputs={"arn": made.get("Arn"), "keyId": made["KeyId"]})
