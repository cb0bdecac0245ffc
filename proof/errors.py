"""The errors of the proof, as sentences for the person who runs it."""


class ProofError(Exception):
    """An error that a person can fix: a missing tool, or a call that answered neither yes nor
    no.
    """
