"""Certificates are always checked: expired, self-signed, wrong name and old TLS are refused."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from http_clock import LOOSE, Clock, client_at
from replay_server import Recorded, ReplayServer

from connectors.http import FeedDown


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


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    folder = tmp_path_factory.mktemp("tls")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    key = ec.generate_private_key(ec.SECP256R1())
    ca_file = folder / "ca.pem"
    certificate = _certificate("test authority", key, name, key, 30, is_ca=True)
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Issuer(folder, name, key, ca_file)


def get(tls: ssl.SSLContext, folder: Path, ca_file: Path | None, cap: int = 1_000) -> tuple[str, int]:
    """("ok" or the cause, how many calls the server saw)."""
    with ReplayServer(tls) as server:
        server.answer("/x", Recorded(b"[]"))
        client = client_at(folder, Clock(), ca_file=ca_file, allow_private_hosts=frozenset({"localhost"}), byte_cap=cap)
        try:
            client.get(server.url("/x", host="localhost"), rules=LOOSE, feed="felanmalan")
        except FeedDown as down:
            return down.cause, len(server.calls)
        return "ok", len(server.calls)


def test_a_feeds_own_authority_is_trusted_where_it_is_named(issuer: Issuer, tmp_path: Path) -> None:
    assert get(issuer.server("localhost"), tmp_path, issuer.ca_file) == ("ok", 1)


def test_an_unknown_authority_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    assert get(issuer.server("localhost"), tmp_path, None) == ("tls", 0)


def test_an_expired_certificate_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    assert get(issuer.server("localhost", valid_days=-1), tmp_path, issuer.ca_file) == ("tls", 0)


def test_a_certificate_for_another_name_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    assert get(issuer.server("annan.example"), tmp_path, issuer.ca_file) == ("tls", 0)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    old = issuer.server("localhost")
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    assert get(old, tmp_path, issuer.ca_file) == ("tls", 0)


def test_a_private_address_is_refused_over_tls_too_unless_its_host_is_listed(issuer: Issuer, tmp_path: Path) -> None:
    with ReplayServer(issuer.server("localhost")) as server:
        client = client_at(tmp_path, Clock(), ca_file=issuer.ca_file)
        with pytest.raises(FeedDown) as caught:
            client.get(server.url("/x", host="localhost"), rules=LOOSE, feed="felanmalan")
        assert (caught.value.cause, server.calls) == ("private_address", [])
