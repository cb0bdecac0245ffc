"""The roles of the repository's workflows, and the boundary of the roles that they make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from bootstrap import grants, subjects
from bootstrap.boundary import boundary
from bootstrap.places import PATH
from components import policies
from components.dependencies import after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bootstrap.settings import Settings

# A preview takes minutes; whoever takes its credentials has them for no longer than AWS allows.
SESSION_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class WorkflowRolesArgs:
    """What the roles are told; `state_bucket_arn` is None where the state is kept elsewhere."""

    provider_arn: pulumi.Input[str]
    state_bucket_arn: pulumi.Input[str] | None
    settings: Settings


class WorkflowRoles(pulumi.ComponentResource):
    """Preview for pull requests, drift for the nightly look, deploy for the environments."""

    preview_arn: pulumi.Output[str]
    drift_arn: pulumi.Output[str]
    deploy_arn: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]
    """For the program's stack: the `boundary` of this account."""

    def __init__(
        self, name: str, args: WorkflowRolesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the boundary and the three roles; `opts` carries the account's provider."""
        super().__init__("thumbx:bootstrap:WorkflowRoles", name, None, opts)
        settings, repository = args.settings, args.settings.repository
        bound = aws.iam.Policy(
            f"{name}-boundary",
            path=PATH,
            description="The most that a role of thumbx may do",
            policy=json.dumps(boundary(settings)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        state = args.state_bucket_arn
        read = policies.document(grants.preview, settings=settings, state_bucket_arn=state)
        manage = policies.document(
            grants.deploy, settings=settings, boundary_arn=bound.arn, state_bucket_arn=state
        )
        environments = [subjects.environment(repository, each) for each in settings.environments]
        self._provider_arn = args.provider_arn
        self.preview_arn = self._role(
            f"{name}-preview", "PullRequest", [subjects.pull_request(repository)], read
        )
        self.drift_arn = self._role(
            f"{name}-drift", "Branch", [subjects.branch(repository, settings.branch)], read
        )
        self.deploy_arn = self._role(f"{name}-deploy", "Environment", environments, manage)
        self.boundary_arn = bound.arn
        self.register_outputs(
            {
                "preview_arn": self.preview_arn,
                "drift_arn": self.drift_arn,
                "deploy_arn": self.deploy_arn,
                "boundary_arn": self.boundary_arn,
            }
        )

    def _role(
        self, name: str, who: str, trusted: Sequence[str], grant: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        """Make one role; return its ARN once it has its grant."""
        role = aws.iam.Role(
            name,
            path=PATH,
            description=f"Assumed by GitHub's jobs: {name} of thumbx",
            assume_role_policy=policies.document(
                subjects.trust,
                provider_arn=self._provider_arn,
                sid=f"AssumeBy{who}Jobs",
                subjects=list(trusted),
            ),
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        granted = aws.iam.RolePolicy(
            f"{name}-grants",
            role=role.name,
            policy=grant,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return after(role.arn, granted)
