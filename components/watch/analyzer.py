"""IAM Access Analyzer of one account, and the findings that are expected there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pulumi
import pulumi_aws as aws

from components.configuration import arns
from components.configuration.watch import OFF, adopted
from components.dependencies import after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.accounts import Access, Storage

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ExpectedAccess:
    """One grant to an outsider that is as it should be: who, on what, and never the public.

    `resource` is a part of the resource's ARN and not the whole: the rule has to be there before
    the resource is granted to anybody, and the physical name comes with the resource.
    """

    resource_type: str
    resource: str
    principal: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class StorageAnalyzerArgs:
    """Who takes ThumbXRole, and who else is let in; `choice` as in AccessAnalyzerArgs."""

    choice: str
    producer_role_arn: pulumi.Input[str]
    account: Storage
    access: Access


@dataclass(frozen=True, kw_only=True)
class AccessAnalyzerArgs:
    """`choice` is create, off or the ARN of an analyzer; `expected` names each rule."""

    choice: str
    expected: Mapping[str, ExpectedAccess]


class AccessAnalyzer(pulumi.ComponentResource):
    """Finds what is open to outsiders, and archives what is meant to be: the rest is news."""

    arn: pulumi.Output[str] | None
    """None where there is none."""

    def __init__(
        self, name: str, args: AccessAnalyzerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create or adopt the analyzer; `opts` carries the provider of the account."""
        super().__init__("thumbx:watch:AccessAnalyzer", name, None, opts)
        self.arn = None
        self._rules: list[aws.accessanalyzer.ArchiveRule] = []
        if args.choice != OFF:
            analyzer_name = self._analyzer(name, args.choice)
            self._rules = [
                self._archive(f"{name}-{rule}", rule, analyzer_name, expected)
                for rule, expected in args.expected.items()
            ]
        self.register_outputs({"arn": self.arn})

    def before(self, value: pulumi.Input[T]) -> pulumi.Output[T]:
        """Return `value`, so that what is built from it is granted only once the rules are there.

        A rule archives new findings only: one made a second late stays silent about the old one.
        """
        return after(value, *self._rules)

    def _analyzer(self, name: str, choice: str) -> pulumi.Output[str]:
        if adopted(choice):
            self.arn = pulumi.Output.from_input(choice)
            return pulumi.Output.from_input(choice.rpartition("/")[2])
        analyzer = aws.accessanalyzer.Analyzer(
            f"{name}-analyzer",
            # The provider makes no names for analyzers and their rules.
            analyzer_name=f"{pulumi.get_project()}-{pulumi.get_stack()}",
            type="ACCOUNT",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = analyzer.arn
        return analyzer.analyzer_name

    def _archive(
        self, name: str, rule: str, analyzer_name: pulumi.Output[str], expected: ExpectedAccess
    ) -> aws.accessanalyzer.ArchiveRule:
        where = aws.accessanalyzer.ArchiveRuleFilterArgs
        return aws.accessanalyzer.ArchiveRule(
            name,
            analyzer_name=analyzer_name,
            rule_name=f"{pulumi.get_project()}-{pulumi.get_stack()}-{rule}",
            filters=[
                where(criteria="resourceType", eqs=[expected.resource_type]),
                where(criteria="resource", contains=[expected.resource]),
                where(criteria="principal.AWS", eqs=[expected.principal]),
                where(criteria="isPublic", eqs=["false"]),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


class StorageAnalyzer(AccessAnalyzer):
    """The storage account's analyzer, which expects the outsiders that the store lets in."""

    def __init__(
        self, name: str, args: StorageAnalyzerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create it before the store of the same name; `opts` carries the provider of account B."""
        both = AccessAnalyzerArgs(choice=args.choice, expected=_expected(name, args))
        super().__init__(f"{name}-storage", both, opts)


def _expected(name: str, args: StorageAnalyzerArgs) -> dict[str, ExpectedAccess]:
    """Return the grants to outsiders, by the name of the rule for each.

    Principals of the storage account itself are no outsiders, and CloudFront is a service, of which
    the analyzer says nothing.
    """
    access = args.access
    named = dict.fromkeys([*access.uploaders, *access.readers, *access.original_readers])
    outsiders = [arn for arn in named if arns.account_of(arn) != args.account.id]
    places = {"bucket": ("AWS::S3::Bucket", f":::{name}-images-".lower())}
    if args.account.own_key:
        places["key"] = ("AWS::KMS::Key", ":key/")  # nothing in a key's ARN says whose it is
    return {
        "thumbxrole": ExpectedAccess(
            resource_type="AWS::IAM::Role",
            resource=f"/{name}Role-",
            principal=args.producer_role_arn,
        )
    } | {
        f"{place}-{number}": ExpectedAccess(
            resource_type=resource_type, resource=resource, principal=outsider
        )
        for place, (resource_type, resource) in places.items()
        for number, outsider in enumerate(outsiders, 1)
    }
