"""Questions about deployed accounts, answered from their trail: read-only, no part of a deployment.

A folder of its own, because neither `components` (what is deployed) nor `handler` (what runs in
Lambda) nor `sandbox` (this machine) is about an account that somebody else deployed: an auditor
with read rights, an export of the trail and no Pulumi runs `python -m audit`.
"""
