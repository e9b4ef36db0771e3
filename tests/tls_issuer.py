"""A made-up certificate authority, for servers that tests talk to over TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Issuer:
    """A certificate authority of our own, in a folder."""

    folder: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    ca_file: Path

    def server(self, host: str, *, valid_days: int = 30) -> ssl.SSLContext:
        """A server's TLS settings with a certificate for ``host``; expired where ``valid_days`` < 0."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(host, key, self.name, self.key, valid_days, is_ca=False)
        pair = self.folder / f"{host}{valid_days}.pem"
        pair.write_bytes(_key_bytes(key) + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        return context


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _certificate(
    host: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    valid_days: int,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=valid_days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def issuer_in(folder: Path) -> Issuer:
    """A new authority that keeps its files in ``folder``."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    key = ec.generate_private_key(ec.SECP256R1())
    ca_file = folder / "ca.pem"
    certificate = _certificate("test authority", key, name, key, 30, is_ca=True)
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Issuer(folder, name, key, ca_file)


def self_signed(folder: Path, name: str) -> None:
    """A new certificate and its key as ``name``.pem and ``name``.key in ``folder``, for this machine's own address."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = _certificate("localhost", key, who, key, 1, is_ca=False)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(_key_bytes(key))
