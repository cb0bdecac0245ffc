"""The proof of least privilege: who may do what, answered twice and kept in a file.

A folder of its own because it is neither deployed (`components/`) nor part of the stand-in for AWS
(`sandbox/`): it asks both. Each cell of the access matrix holds what the documents of stack dev
say when IAM's rules are applied to them, and what the emulator did when the call was made.
"""
