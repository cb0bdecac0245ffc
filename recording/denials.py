"""AWS's error codes for a call that the caller may not make; a test of access expects one of
them.
"""

DENIALS = frozenset(
    {
        "403",  # for a HEAD request, whose answer has no body
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",  # S3, if even the bucket's owner is refused
        "AuthorizationError",  # SNS
        "UnauthorizedOperation",  # EC2 and similar services
    }
)
