"""The producer side, account A."""
