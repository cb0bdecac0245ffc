"""A stack's configuration: read, checked, and frozen."""
