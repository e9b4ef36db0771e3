"""alarms.toml: every fault in one message, no secret in it, and never in the way of the sheet."""

from __future__ import annotations

import pytest

from flows.alarm_settings import read_receivers
from flows.alarms import KINDS
from flows.opened import open_settings
from flows.settings import BUNDLED
from flows.settings_faults import SettingsError

MAIL = """
[operator]
kind = "mail"
host = "smtp.example.org"
sender = "lagesbild@example.org"
recipients = ["drift@example.org"]
user = "lagesbild"
secret_env = "LAGESBILD_MAIL_PASSWORD"
tlp = "TLP:AMBER"
"""


def read(folder, text):
    (folder / "alarms.toml").write_text(text, encoding="utf-8")
    return read_receivers(folder)


def test_without_the_file_nobody_is_told(tmp_path):
    assert read_receivers(tmp_path) == {}


def test_a_receiver_is_told_everything_unless_it_says_what(tmp_path):
    (receiver,) = read(tmp_path, MAIL).values()
    assert receiver.tells == list(KINDS) and receiver.port_used == 587
    (receiver,) = read(tmp_path, MAIL + 'tells = ["no_sheet"]\nsecurity = "tls"').values()
    assert receiver.tells == ["no_sheet"] and receiver.port_used == 465


@pytest.mark.parametrize(
    ("changed", "into", "says"),
    [
        ('kind = "mail"', 'kind = "fax"', "operator.kind · is no kind of receiver"),
        ('tlp = "TLP:AMBER"', "", "operator.tlp · is missing"),
        (
            '"LAGESBILD_MAIL_PASSWORD"',
            '"LAGESBILD_MAIL_PASSWORD"\nsecret_file = "/x"',
            "operator.secret_env · says too",
        ),
        ('secret_env = "LAGESBILD_MAIL_PASSWORD"', "", "operator.secret_env · is missing"),
        ('secret_env = "LAGESBILD_MAIL_PASSWORD"', 'password = "x"', "operator.password · is not a setting"),
        ('sender = "', 'sender = "a b', "operator.sender"),
        ("drift@example.org", "drift@example.org\\nBcc: x@y", "operator.recipients · holds what is no mail address"),
        ("[operator]", '[operator]\nsecurity = "none"', "operator.security · is none beyond this machine"),
        ("[operator]", '[operator]\nca_file = "no.pem"', "operator.ca_file · names no.pem"),
        ("[operator]", '[operator]\ntells = ["feed_latte"]', "operator.tells.0 · is not one of the allowed words"),
        ("[operator]", "[operator", "cannot be read"),
    ],
)
def test_each_fault_is_told_by_its_key(tmp_path, changed, into, says):
    assert changed in MAIL
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, MAIL.replace(changed, into))
    assert f"alarms.toml · {says}" in str(caught.value)


def test_a_webhook_s_address_may_not_stand_in_the_file(tmp_path):
    hook = '[team]\nkind = "webhook"\nform = "teams"\ntlp = "TLP:GREEN"\n'
    with pytest.raises(SettingsError, match=r"team\.secret_env · is missing"):
        read(tmp_path, hook)
    with pytest.raises(SettingsError, match=r"team\.url · is not a setting"):
        read(tmp_path, hook + 'secret_env = "HOOK"\nurl = "https://hooks.example/x"')
    assert read(tmp_path, hook + 'secret_env = "LAGESBILD_HOOK"')["team"].form == "teams"


def test_who_is_told_is_no_part_of_what_the_lake_was_read_with():
    assert "alarms.toml" not in open_settings("haninge").file_bodies


def test_the_file_that_comes_along_names_nobody_and_is_whole_when_its_lines_are_let_in(tmp_path):
    text = (BUNDLED / "haninge" / "alarms.toml").read_text(encoding="utf-8")
    assert read_receivers(BUNDLED / "haninge") == {}
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("# [")]
    assert set(read(tmp_path, "\n".join(lines))) == {"operator", "team"}
