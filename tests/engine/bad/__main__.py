"""Breaks every rule of the policy pack, with the pack's own examples."""

from pathlib import Path

import pulumi
import pulumi_aws as aws
import yaml

EXAMPLES = yaml.safe_load(
    (Path(__file__).parents[3] / "policy" / "examples.yaml").read_text("utf-8")
)
account = {"allowed_account_ids": ["111111111111"], "region": "eu-central-1"}
tagged = aws.Provider(
    "producer", **account, default_tags=aws.ProviderDefaultTagsArgs(tags={"owner": "pictures"})
)
untagged = aws.Provider("untagged", **account)

for rule, example in EXAMPLES.items():
    bad = example["bad"] if isinstance(example["bad"], list) else [example["bad"]]
    for number, each in enumerate(bad):
        properties = dict(each["properties"])
        if "bucket" in properties:  # no example refers to a resource of another example
            properties["bucket"] = f"{rule}-{properties['bucket']}"
        provider = tagged
        if "provider" in each:  # the engine's own default provider, or one without tags
            own = each["provider"]["name"].startswith("default")
            provider = None if own else untagged
        pulumi.CustomResource(
            each["type"],
            f"{rule}-{number}",
            properties,
            pulumi.ResourceOptions(provider=provider),
        )

# These types take no tags, so the rule about tags reports nothing about them.
for number, token in enumerate(
    ("aws:iam/rolePolicy:RolePolicy", "aws:s3/bucketVersioning:BucketVersioning")
):
    pulumi.CustomResource(
        token, f"without-tags-{number}", {}, pulumi.ResourceOptions(provider=untagged)
    )
