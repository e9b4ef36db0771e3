"""A source in the municipality's own network: its address and certificates are named, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from connectors.http import FeedDown
from flows.hear import hear
from flows.settings import BUNDLED, SettingsError, read_settings
from flows.store import Run, Store

INTRANET = 'url = "https://felanmalan.kommunen.internal/georeport/v2"'
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik"))


def ask_intranet(folder: Path, *more: str) -> None:
    path = folder / "feeds.toml"
    text = path.read_text(encoding="utf-8")
    assert 'folder = "felanmalan"' in text
    path.write_text(text.replace('folder = "felanmalan"', "\n".join([INTRANET, *more])), encoding="utf-8")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each client was made with; none of them reaches anybody."""
    given: list[dict[str, Any]] = []

    class Client:
        last_status = None

        def __init__(self, user_agent: str, state_folder: Path, **settings: Any) -> None:
            given.append(settings)

        def now(self) -> Any:
            return Run.start().now()

        def get(self, url: str, **_: Any) -> Any:
            raise FeedDown("refused", "nobody there")

    monkeypatch.setattr("connectors.http.HttpClient", Client)
    return given


def test_a_source_on_the_open_internet_may_have_no_private_address(folder: Path, tmp_path: Path, made: list) -> None:
    ask_intranet(folder)
    hear(Store.at(tmp_path / "data"), read_settings(folder), "felanmalan", Run.start())
    ((settings),) = made
    assert (settings["allow_private_hosts"], settings["ca_file"]) == (frozenset(), None)
    assert settings["allow_plain_http_hosts"] == frozenset()


def test_a_private_host_and_its_own_certificates_reach_the_client(folder: Path, tmp_path: Path, made: list) -> None:
    ask_intranet(folder, "private_host = true", 'ca_file = "kommunen-ca.pem"')
    (folder / "kommunen-ca.pem").write_text(PEM)
    attempt = hear(Store.at(tmp_path / "data"), read_settings(folder), "felanmalan", Run.start())
    ((settings),) = made
    assert settings["allow_private_hosts"] == frozenset({"felanmalan.kommunen.internal"})
    assert settings["ca_file"] == (folder / "kommunen-ca.pem").resolve()
    assert (attempt.status, attempt.cause) == ("failed", "refused")


@pytest.mark.parametrize(
    ("more", "content", "says"),
    [
        ('ca_file = "nowhere.pem"', None, "felanmalan.ca_file · names nowhere.pem, which is not there"),
        ('ca_file = "ca.pem"', "hello", "felanmalan.ca_file · holds no certificate"),
        ('ca_file = "../ca.pem"', PEM, "felanmalan.ca_file"),
        ('private_host = "yes"', None, "felanmalan.private_host · is neither true nor false"),
    ],
)
def test_a_fault_in_them_is_told_before_anything_is_asked(
    folder: Path, more: str, content: str | None, says: str
) -> None:
    ask_intranet(folder, more)
    if content is not None:
        (folder / "ca.pem").write_text(content)
    with pytest.raises(SettingsError) as caught:
        read_settings(folder)
    assert len(caught.value.faults) == 1 and says in str(caught.value)


@pytest.mark.parametrize("more", ["private_host = true", 'ca_file = "ca.pem"'])
def test_a_drop_folder_has_neither(folder: Path, more: str) -> None:
    path = folder / "feeds.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('folder = "felanmalan"', f'folder = "felanmalan"\n{more}'), encoding="utf-8")
    (folder / "ca.pem").write_text(PEM)
    with pytest.raises(SettingsError, match="goes with a url"):
        read_settings(folder)
