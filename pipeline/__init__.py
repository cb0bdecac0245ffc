"""The steps of the workflows, as commands that can be run and tested without GitHub.

This is a separate folder because it calls the Pulumi CLI and `gh` from outside the program: nothing
here is deployed, and the program does not import it.
"""
