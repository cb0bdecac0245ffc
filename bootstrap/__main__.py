"""What GitHub's workflows may do in one account; an administrator runs it once in each.

    OIDC provider ─► preview, drift and deploy role ◄─ boundary of the roles that the last makes

The deploy role's rights follow from what the program makes, see `bootstrap.made`.
"""

import sys
from pathlib import Path

import pulumi

# Pulumi starts this file in its own folder, and the program's components lie beside that.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from bootstrap.identity import GitHubIdentity, GitHubIdentityArgs
from bootstrap.roles import WorkflowRoles, WorkflowRolesArgs
from bootstrap.settings import read_settings
from bootstrap.state import StateBucket, StateBucketArgs
from components.accounts import in_account

settings = read_settings()
inside = in_account("administrator", settings.account, tags=settings.tags)

identity = GitHubIdentity("github", GitHubIdentityArgs(settings=settings), inside)
state = None
if settings.state_bucket:
    state = StateBucket("state", StateBucketArgs(region=settings.region), inside)
roles = WorkflowRoles(
    "thumbx",
    WorkflowRolesArgs(
        provider_arn=identity.provider_arn,
        state_bucket_arn=state.arn if state else None,
        settings=settings,
    ),
    inside,
)

pulumi.export("preview_role_arn", roles.preview_arn)
pulumi.export("drift_role_arn", roles.drift_arn)
pulumi.export("deploy_role_arn", roles.deploy_arn)
pulumi.export("boundary_arn", roles.boundary_arn)
if state:
    pulumi.export("backend", state.url)
