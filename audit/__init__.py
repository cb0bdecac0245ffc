"""Questions about deployed accounts, answered from their trails; it only reads, and is no part of a
deployment.

This is a separate folder because an account that somebody else deployed is no concern of
`components` (what is deployed), `handler` (what runs in Lambda) or `sandbox` (this machine): an
auditor runs `python -m audit` with read permissions or an export of the trail, and without Pulumi.
"""
