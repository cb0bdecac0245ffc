"""The evaluator of policies, compared with AWS's documentation.

It is somebody else's program: these are the rules that the matrix leans on, each with the page of
the IAM or S3 user guide that states it, so that a new version of it cannot quietly change them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proof.errors import ProofError
from proof.evaluation import Answer, Request, evaluate
from tests.filled import filled

A, B = "111111111111", "222222222222"
BUCKET = "arn:aws:s3:::pictures"
FUNCTION = f"arn:aws:lambda:eu-central-1:{B}:function:f"
OURS, THEIRS = f"arn:aws:iam::{B}:role/ours", f"arn:aws:iam::{A}:role/theirs"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, **what: Any) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
    } | what


def deny(sid: str, condition: dict[str, Any] | None = None, **what: Any) -> dict[str, Any]:
    found = allow(sid, Effect="Deny", Principal="*", **what)
    return found | ({"Condition": condition} if condition else {})


def get(principal: str | None = OURS, context: dict[str, str] | None = None) -> Request:
    """One role reading one object."""
    return Request(
        principal=principal,
        action="s3:GetObject",
        resource=f"{BUCKET}/a.jpg",
        owner=B,
        context=context or {},
    )


OWN = {"own": policy(allow("Own"))}
TO_THEM = policy(allow("ToThem", Principal={"AWS": THEIRS}))
SPARING = {"ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{B}:role/spared-*", THEIRS]}}

# https://docs.aws.amazon.com/IAM/latest/UserGuide/ and then the page named beside each case.
CASES: dict[str, tuple[Request, bool, tuple[str, ...]]] = {
    # reference_policies_evaluation-logic_policy-eval-denyallow
    "nothing grants it": (get(), False, ()),
    "its own policy grants it": (replace(get(), identity_policies=OWN), True, ("Own",)),
    "a deny overrides a grant": (
        replace(get(), identity_policies=OWN, resource_policy=policy(deny("No"))),
        False,
        ("No",),
    ),
    # reference_policies_evaluation-logic_policy-eval-basics-single-account
    "within the account a bucket's grant is enough": (
        replace(get(), resource_policy=policy(allow("ToUs", Principal={"AWS": OURS}))),
        True,
        ("ToUs",),
    ),
    # reference_policies_evaluation-logic-cross-account
    "across accounts the bucket's grant is not enough": (
        replace(get(THEIRS), resource_policy=TO_THEM),
        False,
        (),
    ),
    "across accounts the role's grant is not enough": (
        replace(get(THEIRS), identity_policies=OWN),
        False,
        (),
    ),
    "across accounts both together are": (
        replace(get(THEIRS), identity_policies=OWN, resource_policy=TO_THEM),
        True,
        ("Own", "ToThem"),
    ),
    # reference_policies_elements_condition_operators: an absent key makes a negated operator true
    "an absent key meets a negated operator": (
        replace(get(), identity_policies=OWN, resource_policy=policy(deny("No", SPARING))),
        False,
        ("No",),
    ),
    "an absent key does not meet another": (
        replace(
            get(),
            identity_policies=OWN,
            resource_policy=policy(deny("No", {"NumericLessThan": {"s3:TlsVersion": "1.2"}})),
        ),
        True,
        ("Own",),
    ),
    "an absent key meets IfExists": (
        replace(
            get(),
            identity_policies=OWN,
            resource_policy=policy(
                deny("No", {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})
            ),
        ),
        False,
        ("No",),
    ),
    # reference_policies_condition-logic-multiple-context-keys-or-values
    "values under a negated operator mean none of them": (
        replace(
            get(context={"aws:PrincipalArn": f"arn:aws:iam::{B}:role/spared-one"}),
            identity_policies=OWN,
            resource_policy=policy(deny("No", SPARING)),
        ),
        True,
        ("Own",),
    ),
    "operators beside each other must all hold": (
        replace(
            get(context={"aws:PrincipalArn": OURS, "aws:userid": "AROAX:session"}),
            identity_policies=OWN,
            resource_policy=policy(
                deny("No", {**SPARING, "StringNotLike": {"aws:userId": "AROAX:*"}})
            ),
        ),
        True,
        ("Own",),
    ),
    # reference_policies_elements_notaction
    "NotAction reaches every other action": (
        replace(
            get(),
            identity_policies=OWN,
            resource_policy=policy(
                {
                    "Sid": "No",
                    "Effect": "Deny",
                    "Principal": "*",
                    "NotAction": "s3:PutObject",
                    "Resource": f"{BUCKET}/*",
                }
            ),
        ),
        False,
        ("No",),
    ),
    # reference_policies_elements_notresource
    "NotResource spares what it names": (
        replace(
            get(),
            identity_policies=OWN,
            resource_policy=policy(
                {
                    "Sid": "No",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "NotResource": f"{BUCKET}/*",
                }
            ),
        ),
        True,
        ("Own",),
    ),
    # reference_policies_elements_principal: Principal "*" takes in unsigned requests
    "a deny for everybody meets anonymous": (
        replace(
            get(None),
            resource_policy=policy(allow("Public", Principal="*"), deny("No", SPARING)),
        ),
        False,
        ("No",),
    ),
    # AmazonS3 userguide, access-control-block-public-access: RestrictPublicBuckets
    "a public policy lets nobody in past the block": (
        replace(
            get(None),
            resource_policy=policy(allow("Public", Principal="*")),
            public_access_block=True,
        ),
        False,
        ("the public access block",),
    ),
    # confused-deputy
    "a service is bound by its source": (
        replace(
            get("cloudfront.amazonaws.com", {"aws:SourceArn": "arn:aws:cloudfront::1:d/X"}),
            resource_policy=policy(
                allow(
                    "ToCloudFront",
                    Principal={"Service": "cloudfront.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:cloudfront::1:d/Y"}},
                )
            ),
        ),
        False,
        (),
    ),
    # reference_policies_condition-keys#condition-keys-sourcefunctionarn: in identity policies
    "a condition key of another service counts where it is carried": (
        replace(
            get(context={"lambda:SourceFunctionArn": FUNCTION}),
            identity_policies={
                "own": policy(
                    allow(
                        "Own",
                        Condition={"ArnEquals": {"lambda:SourceFunctionArn": (FUNCTION)}},
                    )
                )
            },
        ),
        True,
        ("Own",),
    ),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    """All cases in one process; it takes longer to start than to decide."""
    return dict(zip(CASES, evaluate([case[0] for case in CASES.values()]), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_it_decides_as_documented(answers: dict[str, Answer], name: str) -> None:
    """A rule that is evaluated wrongly would make cells of the matrix wrong without an error."""
    _, allowed, because = CASES[name]
    assert answers[name] == Answer(allowed=allowed, because=because)


def test_a_trust_policy_grants_nobody_whom_it_does_not_name() -> None:
    """Within an account too: AdministratorAccess alone assumes no role (IAM: id_roles)."""
    assume = Request(
        principal=OURS,
        action="sts:AssumeRole",
        resource=f"arn:aws:iam::{B}:role/other",
        owner=B,
        context={},
        identity_policies={"own": policy(allow("All", Action="*", Resource="*"))},
        resource_policy=policy(
            {
                "Sid": "Trust",
                "Effect": "Allow",
                "Principal": {"AWS": THEIRS},
                "Action": "sts:AssumeRole",
            }
        ),
    )
    assert evaluate([assume]) == [Answer(allowed=False, because=())]


def test_a_boundary_and_a_session_policy_bound_what_a_role_grants() -> None:
    """Platform teams rely on the boundary (access_policies_boundaries), and an option relies on
    the session policy.
    """
    elsewhere = policy(allow("Elsewhere", Resource="arn:aws:s3:::elsewhere/*"))
    bounded = replace(get(), identity_policies=OWN, boundary=elsewhere)
    scoped = replace(get(), identity_policies=OWN, session_policy=elsewhere)
    assert [answer.allowed for answer in evaluate([bounded, scoped])] == [False, False]


def test_what_is_no_iam_is_an_error_and_not_a_refusal() -> None:
    """A misspelled action that counted as refused would make a cell green for nothing."""
    with pytest.raises(ProofError, match=r"s3:GetObjekt .* cannot be evaluated"):
        evaluate([replace(get(), action="s3:GetObjekt")])
    with pytest.raises(ProofError, match="cannot be evaluated"):
        evaluate([replace(get(), resource_policy={"Statement": [{"Effect": "Maybe"}]})])


conditions = st.sampled_from(
    [
        None,
        SPARING,
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringNotLike": {"aws:userId": "AROAX:*"}},
    ]
)
statements = st.lists(
    st.builds(
        lambda effect, principal, condition: {
            **(deny("S", condition) if condition else allow("S")),
            "Effect": effect,
            "Principal": principal,
        },
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["*", {"AWS": OURS}, {"AWS": THEIRS}]),
        conditions,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(statements, min_size=10, max_size=30))
def test_one_more_deny_never_lets_anybody_in(many: list[list[dict[str, Any]]]) -> None:
    """One more grant never refuses anybody: the words "wider" and "narrower" depend on this."""
    asked: list[Request] = []
    for principal in (OURS, THEIRS, None):
        keys = {"aws:PrincipalArn": principal} if principal else {}
        own = OWN if principal else {}
        one = replace(
            get(principal, {"aws:SecureTransport": "true", **keys}), identity_policies=own
        )
        asked += [
            replace(one, resource_policy=policy(*each, *more))
            for each in many
            for more in ([], [deny("More", SPARING)], [allow("More", Principal="*")])
        ]
    allowed = [answer.allowed for answer in evaluate(asked)]
    for plain, denied, granted in filled(
        zip(allowed[::3], allowed[1::3], allowed[2::3], strict=True)
    ):
        assert denied <= plain <= granted
