"""Groups of options about the two accounts, and about who may touch the pictures."""

from __future__ import annotations

from dataclasses import dataclass

from components.configuration import arns, checks, containers
from components.configuration.options import option, required

KMS_TO_S3 = "kms-to-s3"

# The key of the tag by which `adopt enable` notes that an existing bucket sent no events before.
NOTE = "thumbx:event-bridge-before"


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
        "A profile of ~/.aws/config. Without a profile, the environment's credentials are used.",
    )
    boundary: str | None = option(
        arns.boundary,
        None,
        "The ARN of a managed policy: the permissions boundary of every role that the program "
        "makes in the account.",
    )
    role_path: str | None = option(
        arns.role_path,
        None,
        "The IAM path of the roles that the program makes, such as `/teams/pictures/`.",
    )
    endpoint: str | None = option(
        checks.endpoint, None, "The address of an emulator on this machine; leave it out for AWS."
    )
    ca_bundle: str | None = option(
        checks.text,
        None,
        "A file with the certificates that are trusted at the endpoint; a relative path starts at "
        "Pulumi.yaml.",
    )
    region: str = ""
    emulator_policies: bool = False
    """Whether policies are loosened for an emulator: `emulatorPolicies`."""

    @property
    def noted_tags(self) -> tuple[str, ...]:
        """The keys of tags that a command sets on resources, and that `up` leaves alone."""
        return ()

    @property
    def partition(self) -> str:
        """The AWS partition of the account, as in its ARNs."""
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
        "only through S3 and only for this bucket). The key costs about a dollar a month, and "
        "readers and uploaders of other accounts need their own grant for it. `kms-to-s3` is the "
        "way back from `kms` to `s3`: new objects are encrypted with S3's keys, and the key stays "
        "for the objects that are still encrypted with it (docs/deploy.md, Ways back).",
    )
    bucket: str | None = option(
        checks.bucket,
        None,
        "The name of an existing bucket of the account, which has the pictures already. Without a "
        "name, the program makes a bucket. The program changes nothing of an existing bucket "
        "(docs/adopt.md): its owner decides about encryption, deletion and old versions instead "
        "of encryption, deletable and retention.versionDays, and the refusals of `make adopt "
        "ARGS=policy` exempt whom access names.",
    )
    bucket_key: str | None = option(
        arns.key,
        None,
        "The ARN of the customer managed key that encrypts the bucket named in `bucket`.",
    )
    event_bridge: bool = option(
        checks.boolean,
        False,
        "Also send every event of our own bucket to EventBridge, so that others can subscribe "
        "(docs/adopt.md). Off, because S3 then sends all events of the bucket, and AWS charges "
        "about a dollar a million for them.",
    )
    deletable: bool = option(
        checks.boolean,
        False,
        "Let `pulumi destroy` delete the buckets with their contents. To delete on purpose, set "
        "it to true, run `pulumi up`, then `pulumi destroy`.",
    )

    @property
    def noted_tags(self) -> tuple[str, ...]:
        """The note of `adopt enable`, on the rule of an existing bucket."""
        return (NOTE,) if self.bucket else ()

    @property
    def own_key(self) -> bool:
        """Whether pictures are encrypted with a key of the account."""
        return self.encryption in ("kms", KMS_TO_S3)

    @property
    def leaves_key(self) -> bool:
        """Whether nothing new is encrypted with that key."""
        return self.encryption == KMS_TO_S3

    @property
    def keeps_nothing(self) -> bool:
        """Whether `pulumi destroy` deletes every bucket that the program made.

        An existing bucket has neither, so nothing has to be kept for it.
        """
        return self.deletable or self.bucket is not None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may access the bucket's objects in addition to ThumbXRole, by ARN; nobody by default."""

    uploaders: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles or users, of any account, that may put originals. Give whole ARNs, because a "
        "wildcard would make the bucket public, which S3 refuses.",
    )
    readers: tuple[str, ...] = option(
        containers.each(arns.principal_or_distribution),
        (),
        "Roles, users or CloudFront distributions that may get thumbnails. Give whole ARNs.",
    )
    original_readers: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles or users that may get originals. Give whole ARNs.",
    )
    scanners: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles of the storage account that scanning services use, such as GuardDuty's malware "
        "protection. They may read originals and their versions, read and write their tags, and "
        "put GuardDuty's `malware-protection-resource-validation-object`.",
    )
    copiers: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles of the storage account that copying services use, such as replication, AWS Backup "
        "and Macie. They may read everything, old versions included (`s3:GetObject*`). Only "
        "administrators may restore.",
    )
    origins: tuple[str, ...] = option(
        containers.each(checks.origin),
        (),
        "Origins of web pages, such as `https://pictures.example.com`, whose scripts may send "
        "forms of presigned POST to our own bucket and read the answer (docs/delivery.md). They "
        "become the bucket's CORS configuration, which grants nothing: an uploader must have "
        "signed the form. None, because only such a page needs it.",
    )
    administrators: tuple[str, ...] = option(
        containers.each(arns.administrator),
        (),
        "Roles or users of the storage account that the bucket policy exempts, so that they may "
        "do what it refuses to everybody else, such as deleting a picture. It refuses plain http, "
        "old TLS, another encryption key and an old presigned request to them too. They need "
        "their own grants. `*` is allowed in the name: "
        "`arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AdministratorAccess_*`.",
    )
    distributions: tuple[str, ...] = ()
    """The configured readers that are CloudFront distributions."""
