"""The errors that a person can fix."""


class PipelineError(Exception):
    """A sentence with the value, the reason and the remedy; several errors are on one line each."""
