"""The storage side, account B."""
