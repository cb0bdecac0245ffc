"""The subjects in GitHub's tokens, and a trust policy for exactly one of them.

The forms of the subject are in docs.github.com/en/actions/reference/security/oidc; "Immutable
subject claims" has the form with ids: `repo:octo-org@123456/pictures@456789:pull_request`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components import policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bootstrap.settings import Repository
    from components.policies import Document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"  # the audience that aws-actions/configure-aws-credentials requests


def pull_request(repository: Repository) -> str:
    """The subject of a job that a pull request started. A job of a fork's pull request gets no
    token, because GitHub gives it no id-token permission.
    """
    return f"{_of(repository)}:pull_request"


def environment(repository: Repository, name: str) -> str:
    """The subject of a job in one of the repository's environments, after the environment's
    rules allowed it.
    """
    return f"{_of(repository)}:environment:{name}"


def branch(repository: Repository, name: str) -> str:
    """The subject of a job on one branch and in no environment, such as the nightly one."""
    return f"{_of(repository)}:ref:refs/heads/{name}"


def trust(provider_arn: str, sid: str, subjects: Sequence[str]) -> Document:
    """The trust policy that lets jobs with one of these subjects, and no others, assume the
    role.
    """
    return policies.policy(
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": list(subjects)}
            },
        }
    )


def _of(repository: Repository) -> str:
    if repository.id:
        owner, name = repository.owner, repository.name
        return f"repo:{owner}@{repository.owner_id}/{name}@{repository.id}"
    return f"repo:{repository.owner}/{repository.name}"
