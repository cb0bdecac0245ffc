"""Measurements behind the constants of `handler/` and the figures of `docs/handler.md`."""
