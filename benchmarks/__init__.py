"""Measurements that justify the constants of `handler/` and the figures of `docs/handler.md`."""
