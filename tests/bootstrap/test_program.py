"""The bootstrap as registered: whom its roles trust, and what it leaves behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pulumi.runtime import set_all_config

from bootstrap.settings import read_settings
from components.configuration.reader import ConfigError
from proof.variants import KEY
from recording.program import PROJECT
from tests.documents import document
from tests.policy.examples import recorded, violations
from tests.recorded import configuration, record

if TYPE_CHECKING:
    from recording.recording import Recording

ACCOUNTS = {"producer": "111111111111", "storage": "222222222222"}
PROVIDER = "oidc-provider/token.actions.githubusercontent.com"
REPOSITORY = "repo:octo-org@123456/pictures@456789"
SUBJECTS = {
    "preview": ("AssumeByPullRequestJobs", f"{REPOSITORY}:pull_request"),
    "drift": ("AssumeByBranchJobs", f"{REPOSITORY}:ref:refs/heads/main"),
    "deploy": ("AssumeByEnvironmentJobs", f"{REPOSITORY}:environment:dev"),
}


@pytest.mark.parametrize("role", SUBJECTS)
def test_each_role_trusts_one_subject_of_one_repository(
    bootstrap: Recording, side: str, role: str
) -> None:
    """Subjects are compared by equality, because a pattern would also match a branch or a
    repository with a chosen name.
    """
    sid, subject = SUBJECTS[role]
    assert document(bootstrap, f"thumbx-{role}")["Statement"] == [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNTS[side]}:{PROVIDER}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": [subject],
                }
            },
        }
    ]


def test_names_are_trusted_only_where_asked_for() -> None:
    """If an owner gives up a name, anybody can take it; older repositories still send only
    names.
    """
    names = {
        "thumbx-bootstrap:subjects": "names",
        "thumbx-bootstrap:ownerId": 0,
        "thumbx-bootstrap:repositoryId": 0,
        "thumbx-bootstrap:environments": ["dev", "production"],
        "thumbx-bootstrap:oidcProvider": "adopt",
        "thumbx-bootstrap:branch": "trunk",
    }
    program = record("dev-producer", names, project="bootstrap")
    subjects = {
        role: document(program, f"thumbx-{role}")["Statement"][0]["Condition"]["StringEquals"][
            "token.actions.githubusercontent.com:sub"
        ]
        for role in SUBJECTS
    }
    assert subjects == {
        "preview": ["repo:octo-org/pictures:pull_request"],
        "drift": ["repo:octo-org/pictures:ref:refs/heads/trunk"],
        "deploy": [
            "repo:octo-org/pictures:environment:dev",
            "repo:octo-org/pictures:environment:production",
        ],
    }
    # Adopted, the provider is named and not made.
    assert not program.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    trust = document(program, "thumbx-deploy")["Statement"][0]
    assert trust["Principal"] == {"Federated": f"arn:aws:iam::111111111111:{PROVIDER}"}


def test_it_keeps_the_rules_of_the_policy_pack(widest: Recording) -> None:
    """The bootstrap's own buckets, roles and tags must follow the same rules as others."""
    assert violations(recorded(widest)) == []


def test_a_role_is_handed_out_when_it_has_its_rights(bootstrap: Recording) -> None:
    """A workflow that got the ARN at once could run before the grants are there."""
    assert bootstrap.exports == {
        "preview_role_arn": bootstrap.named("thumbx-preview").outputs["arn"],
        "drift_role_arn": bootstrap.named("thumbx-drift").outputs["arn"],
        "deploy_role_arn": bootstrap.named("thumbx-deploy").outputs["arn"],
        "boundary_arn": bootstrap.named("thumbx-boundary").outputs["arn"],
    } | (
        {"backend": "s3://pulumi-state-0a1b2c3?region=eu-central-1"}
        if bootstrap.of("aws:s3/bucket:Bucket")
        else {}
    )


def test_the_provider_is_githubs_for_aws_and_protected(bootstrap: Recording) -> None:
    """If it were deleted with a stack, every other workflow of the account would fail too."""
    (provider,) = bootstrap.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    assert provider.inputs == {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
    }
    assert provider.protect


def test_a_role_may_use_the_states_bucket_once_that_is_closed() -> None:
    """The first state goes there as soon as a role can write it."""
    storage = record("dev-storage", project="bootstrap")
    for role in SUBJECTS:
        assert "pulumi-state-policy" in storage.named(f"thumbx-{role}-grants").waits_for


def test_the_state_is_versioned_encrypted_and_protected() -> None:
    """Only the state says what exists."""
    storage = record("dev-storage", project="bootstrap")
    inputs = {each.token.rpartition(":")[2]: each.inputs for each in storage.resources}
    assert inputs["BucketVersioning"]["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = inputs["BucketServerSideEncryptionConfiguration"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    assert inputs["BucketOwnershipControls"]["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    (old,) = [
        each["noncurrentVersionExpiration"]
        for each in inputs["BucketLifecycleConfiguration"]["rules"]
        if "noncurrentVersionExpiration" in each
    ]
    assert old == {"noncurrentDays": 90}
    of_s3 = [each for each in storage.resources if each.token.startswith("aws:s3/")]
    assert len(of_s3) == 7
    assert all(each.protect for each in of_s3)
    assert not record("dev-producer", project="bootstrap").of("aws:s3/bucket:Bucket")


def test_everything_is_in_the_one_account_and_says_whose_it_is(
    bootstrap: Recording, side: str
) -> None:
    """An administrator's session reaches more than this account."""
    (provider,) = bootstrap.of("pulumi:providers:aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == [ACCOUNTS[side]]
    assert provider.inputs["profile"] == f"administrator-{side}"
    assert json.loads(provider.inputs["defaultTags"])["tags"] == {
        "cost-centre": "4711",
        "owner": "pictures",
        "project": "thumbx-bootstrap",
        "stack": f"dev-{side}",
    }
    for each in bootstrap.resources:
        if each.token.startswith("aws:"):
            assert each.provider == "administrator", each.name
    settings = configuration(f"dev-{side}", project="bootstrap")
    assert json.loads(settings["pulumi:disable-default-providers"]) == ["*"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"ownerId": 0},
            "which is nobody's id; set what this prints: gh api repos/octo-org/pictures --jq .own",
        ),
        (
            {"ownerId": 2**53 + 1},
            "thumbx-bootstrap:ownerId is '9007199254740993', which is above 9007199254740992",
        ),
        (
            {"subjects": "names", "ownerId": 0},
            "thumbx-bootstrap:repositoryId is 456789, but the subjects are names, which hold no id",
        ),
        (
            {"repository": "octo-org/*"},
            "thumbx-bootstrap:repository is 'octo-org/*', which is not OWNER/NAME",
        ),
        (
            {"environments": ["*"]},
            "thumbx-bootstrap:environments[0] is '*', which is not the name of an environment",
        ),
        ({"environments": []}, "thumbx-bootstrap:environments is [], so that nobody could deploy"),
        ({"branch": "*"}, "thumbx-bootstrap:branch is '*', which is not the name of one branch"),
        ({"side": "both"}, "thumbx-bootstrap:side is 'both', which is none of the choices"),
        (
            {"stateBucket": True},
            "thumbx-bootstrap:stateBucket is True, but every job reads the state with its role of",
        ),
        ({"key": "alias/pictures"}, "thumbx-bootstrap:key is 'alias/pictures', which is not the"),
        (
            {"key": KEY},
            "which is not a key of account 111111111111 in eu-central-1; name it in",
        ),
        (
            {"rolePath": f"/{'p' * 399}/"},
            "longer than IAM takes; use a path of at most 350 characters",
        ),
        ({"statebucket": True}, "did you mean thumbx-bootstrap:stateBucket?"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_with_its_key_the_reason_and_the_remedy(
    changes: dict[str, object], says: str
) -> None:
    """A wildcard here would let any repository deploy."""
    overrides = {f"thumbx-bootstrap:{key}": value for key, value in changes.items()}
    set_all_config(configuration("dev-producer", overrides, "bootstrap"))
    with pytest.raises(ConfigError) as refusal:
        read_settings()
    assert says in str(refusal.value)


def test_a_session_of_a_workflow_lasts_an_hour(bootstrap: Recording) -> None:
    """Stolen credentials of a job are valid for no longer."""
    roles = bootstrap.of("aws:iam/role:Role")
    assert {each.name: each.inputs["maxSessionDuration"] for each in roles} == {
        "thumbx-preview": 3600,
        "thumbx-drift": 3600,
        "thumbx-deploy": 3600,
    }


def test_main_stays_a_diagram() -> None:
    """When it grows past a page, a component is missing."""
    assert len((PROJECT / "bootstrap" / "__main__.py").read_text("utf-8").splitlines()) <= 60


def test_the_largest_id_is_taken_that_a_number_of_json_holds() -> None:
    """A lower limit would refuse a valid id; a higher one would trust another repository by
    rounding.
    """
    set_all_config(configuration("dev-producer", {"thumbx-bootstrap:ownerId": 2**53}, "bootstrap"))
    assert read_settings().repository.owner_id == 2**53
