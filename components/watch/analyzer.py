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
    """One expected grant to an outsider: to whom, on what; it never expects public access.

    `resource` is a part of the resource's ARN and not the whole ARN, because the rule must exist
    before anybody is granted the resource, and the physical name is known only with the resource.
    """

    resource_type: str
    resource: str
    principal: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class StorageAnalyzerArgs:
    """Who may assume ThumbXRole, and who else has access; `choice` as in AccessAnalyzerArgs."""

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
    """Finds what outsiders can access, and archives what is expected; the rest is unexpected."""

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
        """Return `value` as an output that waits for the archive rules. A grant that uses the
        output is therefore made after the rules.

        A rule archives only new findings: a rule that is made a second late does not archive the
        earlier finding.
        """
        return after(value, *self._rules)

    def _analyzer(self, name: str, choice: str) -> pulumi.Output[str]:
        if adopted(choice):
            self.arn = pulumi.Output.from_input(choice)
            return pulumi.Output.from_input(choice.rpartition("/")[2])
        analyzer = aws.accessanalyzer.Analyzer(
            f"{name}-analyzer",
            # The provider does not generate names for analyzers and their rules.
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
        """Create it before the store of this name; `opts` carries the provider of account B."""
        both = AccessAnalyzerArgs(choice=args.choice, expected=_expected(name, args))
        super().__init__(f"{name}-storage", both, opts)


def _expected(name: str, args: StorageAnalyzerArgs) -> dict[str, ExpectedAccess]:
    """Return the grants to outsiders, by the name of each rule.

    Principals of the storage account itself are no outsiders. CloudFront is a service, and the
    analyzer reports nothing about services.
    """
    access = args.access
    named = dict.fromkeys([*access.uploaders, *access.readers, *access.original_readers])
    outsiders = [arn for arn in named if arns.account_of(arn) != args.account.id]
    places = {"bucket": ("AWS::S3::Bucket", f":::{name}-images-".lower())}
    if args.account.own_key:
        places["key"] = ("AWS::KMS::Key", ":key/")  # a key's ARN does not say whose key it is
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
