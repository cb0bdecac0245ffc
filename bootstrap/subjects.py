"""Whom GitHub's tokens speak for, and the trust in exactly one of them.

Forms of the subject: docs.github.com/en/actions/reference/security/oidc, of which "Immutable
subject claims" has the one with ids: `repo:octo-org@123456/pictures@456789:pull_request`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components import policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bootstrap.settings import Repository
    from components.policies import Document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"  # that aws-actions/configure-aws-credentials asks for


def pull_request(repository: Repository) -> str:
    """A job that a pull request started. A fork's gets no token: GitHub grants it no id-token."""
    return f"{_of(repository)}:pull_request"


def environment(repository: Repository, name: str) -> str:
    """A job of one of the repository's environments, once that lets it start."""
    return f"{_of(repository)}:environment:{name}"


def branch(repository: Repository, name: str) -> str:
    """A job on one branch that is in no environment, such as a nightly one."""
    return f"{_of(repository)}:ref:refs/heads/{name}"


def trust(provider_arn: str, sid: str, subjects: Sequence[str]) -> Document:
    """Let jobs with one of these subjects, and no others, assume the role."""
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
