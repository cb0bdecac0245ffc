"""The emulator's TLS identity, so that the transport rules of the bucket policy are in force.

Made here and not with the emulator's own call of the `openssl` program, which a bare machine
may lack. An authority and a certificate signed by it, because Python 3.13 refuses the
self-signed leaf that older versions accept (`VERIFY_X509_STRICT`).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

LIFETIME = timedelta(days=30)
CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Three PEM files: the authority to trust, the chain to serve, the key to serve it with."""

    authority: Path
    chain: Path
    key: Path


def write_certificate(folder: Path) -> Certificate:
    """Make an authority and a certificate for localhost and 127.0.0.1 in `folder`."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("thumbx sandbox authority")
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(authority_key, SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    served = (
        _builder(_name("localhost"), authority_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("localhost"),
                    x509.DNSName("*.localhost"),  # S3 Control puts the account before the host
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                ]
            ),
            critical=False,
        )
        .sign(authority_key, SHA256())
    )
    files = Certificate(
        authority=folder / "authority.pem", chain=folder / "server.pem", key=folder / "server.key"
    )
    authority_pem = authority.public_bytes(Encoding.PEM)
    files.authority.write_bytes(authority_pem)
    files.chain.write_bytes(served.public_bytes(Encoding.PEM) + authority_pem)
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return files


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
