"""Groups of options about the two accounts, and about who may touch the pictures."""

from __future__ import annotations

from dataclasses import dataclass

from components.configuration import arns, checks, containers
from components.configuration.options import option, required

KMS_TO_S3 = "kms-to-s3"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One AWS account, how to reach it, and what its platform team requires of every role."""

    id: str = required(
        arns.account_id,
        "The account's id: twelve digits, in quotes, because a number loses its leading zeros.",
        key="account",
    )
    profile: str | None = option(
        checks.text,
        None,
        "A profile of ~/.aws/config. Without one, the environment's credentials are used.",
    )
    boundary: str | None = option(
        arns.boundary,
        None,
        "The ARN of a managed policy that bounds every role of the account.",
    )
    role_path: str | None = option(
        arns.role_path, None, "Where the account's roles go, such as `/teams/pictures/`."
    )
    endpoint: str | None = option(
        checks.endpoint, None, "The address of an emulator on this machine; none for AWS."
    )
    ca_bundle: str | None = option(
        checks.text,
        None,
        "A file of certificates to trust at the endpoint; a relative path starts at Pulumi.yaml.",
    )
    region: str = ""
    emulator_policies: bool = False
    """Whether policies are loosened for an emulator: `emulatorPolicies`."""

    @property
    def partition(self) -> str:
        """The partition of the account, as ARNs name it."""
        return arns.partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return ":".join(["arn", self.partition, service, self.region, self.id, resource])


@dataclass(frozen=True, kw_only=True)
class Storage(Account):
    """The account that owns the pictures, and how it keeps them."""

    encryption: str = option(
        checks.choice("s3", "kms", KMS_TO_S3),
        "s3",
        "`s3` (keys that S3 manages, at no cost) or `kms` (a key of the storage account, used "
        "through S3 and for this bucket only). The key costs "
        "about a dollar a month, and readers and uploaders of other accounts need a grant of "
        "their own for it. `kms-to-s3` is the way back: what is written gets S3's keys, and the "
        "key stays for what lies under it (docs/deploy.md, Ways back).",
    )
    bucket: str | None = option(
        checks.bucket,
        None,
        "The name of a bucket of the account that has the pictures already; none makes one. The "
        "program then changes nothing of the bucket (docs/adopt.md): encryption, deletable and "
        "retention.versionDays are its owner's, and access says whom `make adopt ARGS=policy` "
        "spares.",
    )
    bucket_key: str | None = option(
        arns.key,
        None,
        "The ARN of the customer key that the bucket named in `bucket` is encrypted with.",
    )
    event_bridge: bool = option(
        checks.boolean,
        False,
        "Also send every event of our own bucket to EventBridge, so that others can subscribe "
        "(docs/adopt.md). Off, because S3 then sends all events of the bucket and AWS charges for "
        "them, about a dollar a million.",
    )
    deletable: bool = option(
        checks.boolean,
        False,
        "Let `pulumi destroy` delete the buckets with all that they hold. To delete on purpose: "
        "set it, `pulumi up`, `pulumi destroy`.",
    )

    @property
    def own_key(self) -> bool:
        """Whether pictures lie under a key of the account."""
        return self.encryption in ("kms", KMS_TO_S3)

    @property
    def leaves_key(self) -> bool:
        """Whether nothing new is encrypted with that key."""
        return self.encryption == KMS_TO_S3

    @property
    def keeps_nothing(self) -> bool:
        """Whether `pulumi destroy` deletes every bucket that the program made.

        For an existing bucket neither applies, so nothing has to be kept for it.
        """
        return self.deletable or self.bucket is not None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may access the bucket's objects in addition to ThumbXRole, by ARN; nobody by default."""

    uploaders: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles or users, of any account, that may put originals. Whole ARNs: a wildcard would "
        "make the bucket public, which S3 refuses.",
    )
    readers: tuple[str, ...] = option(
        containers.each(arns.principal_or_distribution),
        (),
        "Roles, users or CloudFront distributions that may get thumbnails, by whole ARNs.",
    )
    original_readers: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles or users that may get originals, by whole ARNs.",
    )
    scanners: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles of the storage account that services scan with, such as GuardDuty's malware "
        "protection: they may read originals and their versions, read and write their tags, and "
        "put GuardDuty's `malware-protection-resource-validation-object`.",
    )
    copiers: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles of the storage account that services copy with, such as replication, AWS Backup "
        "and Macie: they may read everything, versions included (`s3:GetObject*`). To restore is "
        "an administrator's work.",
    )
    administrators: tuple[str, ...] = option(
        containers.each(arns.administrator),
        (),
        "Roles or users of the storage account to whom the bucket policy refuses nothing that it "
        "leaves to anybody, such as deleting a picture; it refuses them plain http, old TLS, "
        "another key and an old presigned request. They need grants of their own. `*` is allowed "
        "in the name: "
        "`arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/"
        "*AWSReservedSSO_AdministratorAccess_*`.",
    )
    distributions: tuple[str, ...] = ()
    """Those of the configured readers that are CloudFront distributions."""
