"""The real program run without an engine, and what it registered."""
