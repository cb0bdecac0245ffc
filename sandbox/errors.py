"""The errors of the sandbox, as sentences."""


class SandboxError(Exception):
    """A sentence with the value, the reason and the remedy; the commands exit with code 2."""
