"""The errors of a recording, as sentences."""


class RecordingError(Exception):
    """A sentence with the value, the reason and the remedy; the commands exit with code 2."""
