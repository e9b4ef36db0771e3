"""Passwords everybody knows are found wherever this house is told one, and none is repeated in what is said."""

from __future__ import annotations

import os

import pytest

from flows.alarm_settings import MailReceiver
from flows.known_secrets import secret_findings
from flows.station import DATABASE, KEY

GOOD = "7hQ0-pw_Zr4k9-Lm2xTv"


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "LAGESBILD_", "PG"))]:
        monkeypatch.delenv(name)


def faults(receivers=None):
    return [text for is_fault, text in secret_findings(receivers or {}) if is_fault]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (KEY, "admin:pass"),
        (KEY, "operator:CHANGE-ME-TO-20-CHARACTERS-OR-MORE"),
        (KEY, "operator:"),
        (DATABASE, "postgresql+asyncpg://prefect:prefect@127.0.0.1:5432/prefect"),
        (DATABASE, "postgresql+asyncpg://prefect:CHANGE-ME@127.0.0.1:5432/prefect"),
        (DATABASE, "postgresql+asyncpg://prefect:l%C3%B6senord@127.0.0.1:5432/prefect"),
        ("LAGESBILD_MAIL_PASSWORD", "Lösenord"),
        ("LAGESBILD_MAIL_PASSWORD", "12345678"),
        ("PREFECT_API_KEY", "change_me"),
    ],
)
def test_a_password_that_everybody_knows_is_a_fault_and_is_not_repeated(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    (said,) = faults()
    assert name in said and "everybody knows" in said
    secret = value.rpartition("@")[0].rpartition(":")[2] or value.partition(":")[2] or value
    assert secret in ("", "pass") or secret not in said.removeprefix(name)  # "a password" holds one of them


def test_good_passwords_a_database_without_one_and_a_broken_address_are_no_fault(monkeypatch):
    monkeypatch.setenv(KEY, f"operator:{GOOD}")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", f"operator:{GOOD}")  # the client's copy
    monkeypatch.setenv(DATABASE, "postgresql+asyncpg://prefect@[::1/prefect")
    assert faults() == []
    monkeypatch.setenv(DATABASE, "sqlite+aiosqlite:///prefect.db")
    assert faults() == []


def test_one_password_for_two_things_is_a_fault_and_so_is_a_known_one_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv(KEY, f"operator:{GOOD}")
    monkeypatch.setenv("LAGESBILD_MAIL_PASSWORD", GOOD)
    (said,) = faults()
    assert "the same password" in said and GOOD not in said
    file = tmp_path / "secret"
    file.write_text("password")
    file.chmod(0o640)
    receiver = MailReceiver.model_construct(secret_env=None, secret_file=str(file))
    assert any("alarms: team" in one and "everybody knows" in one for one in faults({"team": receiver}))
