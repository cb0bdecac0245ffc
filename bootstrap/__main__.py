"""Makes what GitHub's workflows need in one account; an administrator runs it once in each account.

    OIDC provider ─► preview, drift and deploy role ◄─ boundary of roles that deploy makes

The deploy role's permissions are made from what the program makes, see `bootstrap.inventory`.
"""

import sys
from pathlib import Path

import pulumi

# Pulumi starts this file in its own folder; the program's components are in the parent folder.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from bootstrap import subjects
from bootstrap.identity import GitHubIdentity, GitHubIdentityArgs
from bootstrap.roles import TrustedSubjects, WorkflowRoles, WorkflowRolesArgs
from bootstrap.scope import scope_of
from bootstrap.settings import read_settings
from bootstrap.state import StateBucket, StateBucketArgs
from components.accounts import in_account

settings = read_settings()
inside = in_account("administrator", settings.account, tags=settings.tags)

scope, repository = scope_of(settings), settings.repository

identity = GitHubIdentity(
    "github",
    GitHubIdentityArgs(
        partition=scope.partition, account=scope.account, adopt=settings.adopt_provider
    ),
    inside,
)
state = None
if settings.state_bucket:
    state = StateBucket("state", StateBucketArgs(region=settings.region), inside)
roles = WorkflowRoles(
    "thumbx",
    WorkflowRolesArgs(
        provider_arn=identity.provider_arn,
        trusted=TrustedSubjects(
            preview=subjects.pull_request(repository),
            drift=subjects.branch(repository, settings.branch),
            deploy=[subjects.environment(repository, each) for each in settings.environments],
        ),
        scope=scope,
        state_bucket_arn=state.arn if state else None,
        deletable=settings.deletable,
    ),
    inside,
)

pulumi.export("preview_role_arn", roles.preview_arn)
pulumi.export("drift_role_arn", roles.drift_arn)
pulumi.export("deploy_role_arn", roles.deploy_arn)
pulumi.export("boundary_arn", roles.boundary_arn)
if state:
    pulumi.export("backend", state.url)
