"""What can be wrong with the sandbox, said in a sentence."""


class SandboxError(Exception):
    """A sentence with the value, the reason and the remedy; the commands exit with code 2."""
