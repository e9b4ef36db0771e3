"""Who is told what, from the command line to the mail: once, and never at the cost of the sheet."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from flows import job, telling
from flows.alarm_outbox import Outbox
from flows.cli import main
from flows.results import PictureResult
from flows.settings import BUNDLED
from flows.store import Run, Store
from tests.flows.mail_server import MailServer
from tests.flows.sheet_alone import sheet_alone
from tests.flows.test_on_demand import aged, drop
from tests.flows.webhook_server import WebhookServer

CANARY = "Kalle Kanari 19121212-1212"

RECEIVERS = """
[operator]
kind = "mail"
host = "localhost"
port = {port}
security = "none"
sender = "lagesbild@lindvik.example"
recipients = ["drift@lindvik.example"]
tlp = "TLP:AMBER"

[team]
kind = "webhook"
form = "slack"
secret_env = "LAGESBILD_HOOK"
tells = ["sheet_out"]
tlp = "TLP:CLEAR"
"""


@pytest.fixture
def hook():
    with WebhookServer() as server:
        yield server


@pytest.fixture
def mail():
    with MailServer() as server:
        yield server


def five_expected(folder):
    """The made-up town's settings in ``folder``, where five reports a night are what is expected."""
    shutil.copytree(BUNDLED / "lindvik", folder)
    feeds = (folder / "feeds.toml").read_text(encoding="utf-8")
    (folder / "feeds.toml").write_text(feeds.replace("expected_low = 13", "expected_low = 5"), encoding="utf-8")


@pytest.fixture
def town(tmp_path, monkeypatch, hook, mail):
    """The made-up town with somebody to tell; returns its data folder."""
    folder = tmp_path / "lindvik"
    five_expected(folder)
    (folder / "alarms.toml").write_text(RECEIVERS.format(port=mail.port))
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(folder))
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LAGESBILD_HOOK", hook.url)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return tmp_path / "data"


@pytest.fixture(scope="module")
def briefed_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("briefed")
    five_expected(folder / "lindvik")
    drop(folder / "data", "A", "Torget", 5)
    with sheet_alone():
        words = ["--settings", str(folder / "lindvik"), "--data", str(folder / "data")]
        assert main(["briefing", "--no-prefect", *words]) == 0
    aged(folder / "data", 3)
    return folder / "data"


@pytest.fixture
def last_sheet_of_three_hours_ago(briefed_once, town):
    """A briefing's sheet lies in the town, three hours old; nobody was told of it."""
    shutil.copytree(briefed_once, town)


def subjects(mail: MailServer) -> list[str]:
    return [message["Subject"] for message in mail.mails]


def later(monkeypatch, **time):
    """Let what is told from here on be told that much later."""
    real = Run.start

    def start(*arguments, **more):
        run = real(*arguments, **more)
        return Run(run.run_id, lambda: datetime.now(UTC) + timedelta(**time), run.progress, run.code_version)

    monkeypatch.setattr(Run, "start", start)


def test_the_sheet_is_told_of_once_by_five_lines_and_what_may_not_be_sent_is_not(town, mail, hook):
    drop(town, "A", "Torget", 5)
    assert main(["run"]) == 0
    assert main(["run"]) == 0
    (message,) = mail.mails
    assert message["Subject"].startswith("[TLP:AMBER] Lindvik: utsättningsbladet") and message["Subject"].endswith(
        "ute"
    )
    lines = message.get_content().splitlines()
    assert len(lines) == 7 and lines[5].startswith("Bladet: utsattningsblad_9901_")
    assert re.fullmatch("Kedja: [0-9a-f]{16}", lines[6])  # what the house cannot change any more, once it is sent away
    assert lines[0].startswith("Lindvik, ") and lines[0].endswith("TLP:AMBER")
    picture = json.loads(next((town / "published").glob("picture_*.json")).read_bytes())
    assert lines[2:5] == [row["sentence_sv"] for row in picture["summary"]]
    (body,) = hook.bodies
    assert "märkt TLP:AMBER" in body["text"] and picture["summary"][0]["sentence_sv"] not in body["text"]


def test_nothing_that_was_sent_to_us_is_ever_sent_on(town, mail, monkeypatch):
    folder = town / "drop" / "guard_nordvakt"
    folder.mkdir(parents=True)
    (folder / f"{CANARY}.csv").write_text(f"{CANARY};x\n1;{CANARY}\n")

    def broken(*_):
        raise RuntimeError(CANARY)

    monkeypatch.setattr("connectors.open311.connector.normalise", broken)
    (town / "drop" / "felanmalan").mkdir(parents=True)
    (town / "drop" / "felanmalan" / "a.json").write_text(f'[{{"description": "{CANARY}"}}]')
    assert main(["run"]) == 3
    assert len(mail.mails) == 3  # the sheet, that it is degraded, the quarantine
    sent = "".join(message.as_string() + message.get_content() for message in mail.mails)
    state = (town / "alarms" / "state.json").read_text()
    for word in ("Kalle", "Kanari", "19121212"):
        assert word not in sent and word not in state


def test_what_cannot_be_sent_waits_costs_the_sheet_nothing_and_goes_next_time(town, mail, hook, monkeypatch, capsys):
    drop(town, "A", "Torget", 5)
    mail.refuses = {"MAIL": "451 try later"}
    hook.answer = (503, {"Retry-After": "600"})
    assert main(["run"]) == 0 and (town / "published" / "latest.html").exists()
    err = capsys.readouterr().err
    assert "not told: operator: the mail server answered 451; it is tried again" in err
    assert "not told: team: the webhook answered 503; it is tried again" in err
    assert main(["doctor"]) == 3
    assert "operator was not told of sheet_out:, 1 tries, the mail server answered 451" in capsys.readouterr().out
    mail.refuses, hook.answer = {}, (200, {})
    assert main(["run"]) == 0 and mail.mails == [] and len(hook.bodies) == 1  # both are left alone for a while
    later(monkeypatch, minutes=6)
    assert main(["collect", "guard_nordvakt"]) == 0
    assert len(mail.mails) == 1 and len(hook.bodies) == 1  # the webhook asked for ten minutes
    later(monkeypatch, minutes=11)
    assert main(["collect", "guard_nordvakt"]) == 0
    assert len(mail.mails) == 1 and len(hook.bodies) == 2
    assert Outbox(town / "alarms").read()["waiting"] == []


def test_a_feed_is_told_of_when_it_is_late_again_when_it_is_lost_and_again_the_next_day(town, mail, monkeypatch):
    drop(town, "A", "Torget", 5)
    assert main(["run"]) == 0
    mail.mails.clear()
    told = []
    for hours in (29, 31, 40, 55, 60, 79):
        with monkeypatch.context() as patched:
            later(patched, hours=hours)
            main(["collect", "guard_nordvakt"])
        ours = [subject for subject in subjects(mail) if "Nordvakt" in subject]
        told.append([subject.rpartition(" är ")[2] for subject in ours])
        mail.mails.clear()
    assert told == [[], ["sen"], [], ["nere"], [], ["nere"]]


def test_a_feed_that_is_heard_again_and_one_that_says_little_are_each_told_of_once(town, mail, monkeypatch):
    drop(town, "A", "Torget", 5)
    assert main(["run"]) == 0
    with monkeypatch.context() as patched:
        later(patched, hours=55)
        main(["collect", "guard_nordvakt"])
    mail.mails.clear()
    drop(town, "B", "Torget", 4)
    for _ in range(2):
        with monkeypatch.context() as patched:
            later(patched, hours=56)
            main(["collect", "guard_nordvakt"])
    said = [subject.removeprefix("Lindvik: Nordvakt, ordningsvakter i centrum ") for subject in subjects(mail)]
    assert said == ["ger få poster", "hörs igen"]


def test_a_feed_that_never_came_is_told_of_once_when_it_should_have_come(town, mail, monkeypatch):
    told = []
    for hours in (0, 35, 37, 80):
        with monkeypatch.context() as patched:
            later(patched, hours=hours)
            main(["collect", "guard_tryggve"])
        told.append([subject.rpartition(" garage ")[2] for subject in subjects(mail)])
        mail.mails.clear()
    assert told == [[], [], ["har aldrig hörts"], []]


def test_a_fault_in_who_is_told_is_said_and_the_sheet_comes_out(town, mail, capsys):
    drop(town, "A", "Torget", 5)
    (town.parent / "lindvik" / "alarms.toml").write_text('[operator]\nkind = "mail"\n')
    assert main(["run"]) == 0 and mail.mails == []
    assert "not told: " in (err := capsys.readouterr().err) and "alarms.toml · operator.host · is missing" in err
    assert main(["doctor"]) == 3


def test_no_fault_in_telling_reaches_the_run(town, monkeypatch, capsys):
    def broken(*_):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(telling, "take_in", broken)
    assert main(["run"]) == 0
    err = capsys.readouterr().err
    assert "not told: RuntimeError at " in err and "Kalle" not in err


def test_in_the_morning_a_sheet_that_is_out_is_told_of_where_the_night_could_not(town, mail):
    drop(town, "A", "Torget", 5)
    assert main(["briefing"]) == 0 and mail.mails == []  # somebody's meeting is nobody else's news
    assert main(["morning"]) == 0
    assert main(["morning"]) == 0
    assert ["utsättningsbladet" in subject for subject in subjects(mail)] == [True, False]
    assert subjects(mail)[1].startswith("Lindvik: driftläget")


@pytest.mark.usefixtures("last_sheet_of_three_hours_ago")
def test_in_the_morning_it_is_told_that_there_was_no_sheet_and_that_one_was_made(town, mail):
    assert main(["morning"]) == 0
    assert [": inget utsättningsblad klockan" in subject for subject in subjects(mail)] == [True, False, False]
    assert "Ett blad gjordes nu" in mail.mails[0].get_content()


@pytest.mark.usefixtures("last_sheet_of_three_hours_ago")
def test_in_the_morning_it_is_told_that_there_is_no_sheet_which_one_stands_and_what_lies_in_its_place(
    town, mail, monkeypatch
):
    def broken(*_, **__):
        raise RuntimeError(CANARY)

    monkeypatch.setattr("flows.morning.make_picture", broken)
    assert main(["morning"]) == 4
    said, _ = [m.get_content() for m in mail.mails]
    assert "Inget nytt blad kunde göras. Det senaste goda är från" in said and "Ett nödblad som säger" in said
    assert "Kalle" not in said


@pytest.mark.usefixtures("last_sheet_of_three_hours_ago")
def test_in_the_morning_a_lake_that_cannot_be_read_is_told_of_with_the_sheet_that_was_made_all_the_same(
    town, mail, capsys
):
    Store.at(town).lake.pointer.write_bytes(b"{")
    assert main(["morning"]) == 3
    none, degraded, _ = subjects(mail)
    assert "inget utsättningsblad" in none and "bladet är ute men något saknas" in degraded
    assert "gjort på nytt ur allt som tagits emot" in mail.mails[1].get_content()
    assert "not told: " in capsys.readouterr().err  # of the feeds, and of how the house is


@pytest.mark.usefixtures("last_sheet_of_three_hours_ago")
def test_in_the_morning_a_full_disk_is_told_of_too(town, mail, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "writing", full)
    monkeypatch.setattr("flows.alarm_outbox.write_bytes", full)
    assert main(["morning"]) == 4
    assert len(mail.mails) == 2 and "inget utsättningsblad" in subjects(mail)[0]


def test_status_is_sent_when_asked_for_to_those_who_are_told_it(town, mail, hook, capsys):
    drop(town, "A", "Torget", 5)
    assert main(["collect", "guard_nordvakt"]) == 0
    for _ in range(2):
        assert main(["status", "--mail"]) == 3
    assert len(mail.mails) == 2 and hook.bodies == []
    said = mail.mails[0].get_content()
    assert "Mottagna 1, i karantän 0; poster 5 = 5 godtagna + 0 avvisade + 0 kända." in said
    assert "2 messages" not in (out := capsys.readouterr().out) and out.count("1 messages sent") == 2
    (town.parent / "lindvik" / "alarms.toml").unlink()
    main(["status", "--mail"])
    assert "nothing was sent" in capsys.readouterr().err


def test_a_night_without_a_sheet_is_told_of_at_once(town, mail, monkeypatch):
    monkeypatch.setattr(job, "make_picture", lambda *_, **__: PictureResult(fault=CANARY))
    assert main(["run", "--no-prefect"]) == 4
    assert len(mail.mails) == 1 and "inget utsättningsblad" in subjects(mail)[0]
    assert "Kalle" not in mail.mails[0].as_string()
