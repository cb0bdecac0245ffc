"""The roles of the repository's workflows, and the boundary of the roles that they make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from bootstrap import grants, subjects
from bootstrap.boundary import boundary
from bootstrap.scope import PATH
from components import policies
from components.dependencies import after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bootstrap.scope import Scope

# A preview takes minutes, so the session is as short as AWS allows: stolen credentials end soon.
SESSION_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class TrustedSubjects:
    """The subjects of the tokens with which GitHub's jobs assume each role."""

    preview: str
    drift: str
    deploy: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class WorkflowRolesArgs:
    """The principals that the roles trust, and the resources that they may change.

    `state_bucket_arn` is None if the state is kept elsewhere; `deletable` allows the deploy role to
    delete pictures.
    """

    provider_arn: pulumi.Input[str]
    trusted: TrustedSubjects
    scope: Scope
    state_bucket_arn: pulumi.Input[str] | None
    deletable: bool


class WorkflowRoles(pulumi.ComponentResource):
    """The roles: preview for pull requests, drift for the nightly check, deploy for the
    environments.
    """

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
        scope, trusted = args.scope, args.trusted
        bound = aws.iam.Policy(
            f"{name}-boundary",
            path=PATH,
            description="The most that a role of thumbx may do",
            policy=json.dumps(boundary(scope)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        state = args.state_bucket_arn
        read = policies.document(grants.preview, scope=scope, state_bucket_arn=state)
        manage = policies.document(
            grants.deploy,
            scope=scope,
            boundary_arn=bound.arn,
            deletable=args.deletable,
            state_bucket_arn=state,
        )
        self._provider_arn = args.provider_arn
        self.preview_arn = self._role(f"{name}-preview", "PullRequest", [trusted.preview], read)
        self.drift_arn = self._role(f"{name}-drift", "Branch", [trusted.drift], read)
        self.deploy_arn = self._role(f"{name}-deploy", "Environment", trusted.deploy, manage)
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
        """Make one role; return its ARN after its grant exists."""
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
