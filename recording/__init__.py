"""Runs the real program without an engine, and keeps what it registers."""
