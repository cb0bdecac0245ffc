"""What the workflows do, as commands that run and are tested without GitHub.

A folder of its own because it calls the Pulumi CLI and `gh` from outside the program: nothing here
is deployed, and the program knows nothing of it.
"""
