"""The codes with which AWS says that a caller may not do a thing; a test of access expects one."""

DENIALS = frozenset(
    {
        "403",  # of a HEAD request, whose answer has no body
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",  # of S3, where the bucket's owner is shut out
        "AuthorizationError",  # of SNS
        "UnauthorizedOperation",  # of EC2 and what is built like it
    }
)
