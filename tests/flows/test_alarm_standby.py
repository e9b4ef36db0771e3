"""On a morning without settings: who is told all the same, by whose words, and once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from flows.alarm_outbox import Outbox
from flows.alarm_standby import STANDBY
from flows.cli import main
from flows.settings import read_settings
from flows.settings_last import keep_last_good
from flows.store import Store
from tests.flows.test_telling import RECEIVERS, hook, mail, subjects, town

__all__ = ["hook", "mail", "town"]  # fixtures


def break_settings(town) -> None:
    """No sheet was ever made with them, and none can be."""
    (town.parent / "lindvik" / "thresholds.toml").write_text("")


@pytest.fixture
def standby(tmp_path, monkeypatch, mail):
    """An alarms.toml outside the settings, and the environment that names it."""
    folder = tmp_path / "standby"
    folder.mkdir()
    (folder / "alarms.toml").write_text(RECEIVERS.format(port=mail.port).replace("drift@", "jour@"))
    monkeypatch.setenv(STANDBY, str(folder))
    return folder


def test_settings_that_never_made_a_sheet_tell_by_their_own_alarms_once_a_day(town, mail, capsys):
    break_settings(town)
    for _ in range(2):
        assert main(["morning"]) == 4
        assert "not told" not in capsys.readouterr().err
    (message,) = mail.mails
    assert message["Subject"].startswith("Lindvik: inget utsättningsblad klockan")
    said = message.get_content()
    assert "Inget nytt blad kunde göras och det finns inget tidigare." in said and "Ett nödblad som säger" in said
    assert "`lagesbild doctor` räknar upp felen i inställningarna." in said and "`lagesbild picture`" not in said


def test_settings_that_can_be_opened_and_never_made_a_sheet_tell_too(town, mail, monkeypatch):
    monkeypatch.setattr("flows.morning.make_picture", lambda *_, **__: 1 / 0)
    assert main(["morning"]) == 4
    assert "det finns inget tidigare" in mail.mails[0].get_content()


def test_where_their_alarms_cannot_be_read_either_those_outside_stand_in(town, mail, standby, capsys):
    break_settings(town)
    outbox = Outbox(town / "alarms")
    waiting = {"receiver": "operator", "key": "sheet_out:", "at": "2026-11-26T06:00:00+00:00"}
    outbox.change(lambda state: state["waiting"].append(waiting))
    (town.parent / "lindvik" / "alarms.toml").write_text("[operator\n")
    for _ in range(2):
        assert main(["morning"]) == 4
    assert mail.receivers == [["TO:<jour@lindvik.example>"]]
    assert "not told: " in (err := capsys.readouterr().err) and "alarms.toml · cannot be read" in err
    assert outbox.read()["waiting"] == [waiting]  # it is for others, and goes on waiting for them


def test_settings_that_can_be_opened_with_a_fault_in_their_alarms_are_stood_in_for_where_there_is_no_sheet(
    town, mail, standby, monkeypatch
):
    (town.parent / "lindvik" / "alarms.toml").write_text("[operator\n")
    (town / "published").mkdir(parents=True)
    sheet = town / "published" / "picture_x.json"
    sheet.write_text(f'{{"moment_at":"{datetime.now(UTC).isoformat().replace("+00:00", "Z")}"}}')
    assert main(["morning"]) == 0 and mail.mails == []
    sheet.unlink()
    monkeypatch.setattr("flows.morning.make_picture", lambda *_, **__: 1 / 0)
    assert main(["morning"]) == 4
    assert len(mail.mails) == 1 and "inget utsättningsblad" in subjects(mail)[0]


def test_a_settings_folder_that_is_gone_is_told_of_and_refused_as_ever(town, mail, standby, capsys):
    shutil.rmtree(town.parent / "lindvik")
    assert main(["morning"]) == 2
    assert len(mail.mails) == 1 and "no such settings folder" in capsys.readouterr().err
    assert not (town / "published").exists()


def test_where_nobody_is_named_that_is_said(town, mail, monkeypatch, capsys):
    break_settings(town)
    (town.parent / "lindvik" / "alarms.toml").unlink()
    assert main(["morning"]) == 4 and mail.mails == []
    assert f"not told: nobody: neither alarms.toml nor {STANDBY} names a receiver" in capsys.readouterr().err
    monkeypatch.setenv(STANDBY, str(town))
    assert main(["morning"]) == 4
    assert f"alarms.toml · is not in {town}, which {STANDBY} names" in capsys.readouterr().err


def test_doctor_tries_those_who_stand_in_before_they_are_needed(town, standby, monkeypatch, capsys):
    main(["doctor"])
    assert STANDBY not in capsys.readouterr().out
    monkeypatch.delenv("LAGESBILD_HOOK")
    assert main(["doctor"]) == 3
    assert f"alarms: {STANDBY} team: LAGESBILD_HOOK is not set" in capsys.readouterr().out
    (standby / "alarms.toml").unlink()
    assert main(["doctor"]) == 3
    assert "nobody is told where the settings cannot be opened: " in capsys.readouterr().out


def test_the_receivers_of_the_last_good_settings_count_where_today_s_have_a_fault(town, mail, monkeypatch):
    keep_last_good(Store.at(town), read_settings(town.parent / "lindvik"))
    break_settings(town)
    (town.parent / "lindvik" / "alarms.toml").write_text("[operator\n")
    monkeypatch.setattr("flows.morning.make_picture", lambda *_, **__: 1 / 0)
    assert main(["morning"]) == 4
    assert "inget utsättningsblad" in subjects(mail)[0]
