"""Certificates are always checked: expired, self-signed, wrong name and old TLS are refused."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from http_clock import LOOSE, Clock, client_at
from replay_server import Recorded, ReplayServer

from connectors.http import FeedDown
from tests.tls_issuer import Issuer, issuer_in


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return issuer_in(tmp_path_factory.mktemp("tls"))


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
