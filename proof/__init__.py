"""The proof of least privilege: who may do what, answered in two ways and kept in a file.

This is a separate folder because it is neither deployed (`components/`) nor part of the emulated
AWS (`sandbox/`): it asks both. Each cell of the access matrix holds two answers: what IAM's rules
say about the documents of stack dev, and what the emulator answered when the call was made.
"""
