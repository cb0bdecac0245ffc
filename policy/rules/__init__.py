"""The rules, each a pure function from a resource to its violations."""

from __future__ import annotations

from rules import belonging, buckets, grants, queues

RESOURCE_RULES = (
    buckets.REFUSES_PLAIN_HTTP,
    buckets.BLOCKS_PUBLIC_ACCESS,
    buckets.HAS_NO_ACL,
    grants.NO_WILDCARD,
    grants.NO_INLINE_WILDCARD,
    grants.TRUST_NAMES_A_ROLE,
    grants.IS_READ,
    queues.BINDS_ITS_SOURCE,
    belonging.IS_TAGGED,
    belonging.HAS_A_PROVIDER,
)
STACK_RULES = (buckets.IS_CLOSED,)
