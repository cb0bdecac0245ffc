"""The errors that a person can mend."""


class PipelineError(Exception):
    """A sentence with the value, the reason and the remedy; several faults are one a line."""
