"""What goes wrong while proving, as a sentence for the person who runs it."""


class ProofError(Exception):
    """Something that a person can mend: a missing tool, a call that answered neither yes nor no."""
