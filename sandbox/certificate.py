"""Makes the emulator's TLS certificate, so that the transport rules of the bucket policy apply.

The emulator would call the `openssl` program, which a machine may lack, so the certificate is made
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path

# S3 Control puts the account id before the host name.
NAMES = ("localhost", "*.localhost", "127.0.0.1")


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Three PEM files: the authority to trust, the certificate chain of the server, and its
    private key.
    """

    authority: Path
    chain: Path
    key: Path


def write_certificate(folder: Path) -> Certificate:
    """Make an authority and a certificate for this machine's own names in `folder`."""
    authority = trustme.CA()
    served = authority.issue_cert(*NAMES)
    files = Certificate(
        authority=folder / "authority.pem", chain=folder / "server.pem", key=folder / "server.key"
    )
    authority.cert_pem.write_to_path(files.authority)
    for pem in (*served.cert_chain_pems, authority.cert_pem):
        pem.write_to_path(files.chain, append=True)
    files.key.touch(mode=0o600)
    served.private_key_pem.write_to_path(files.key)
    return files
