"""What can be wrong with a recording, said in a sentence."""


class RecordingError(Exception):
    """A sentence with the value, the reason and the remedy; the commands exit with code 2."""
