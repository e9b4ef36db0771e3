"""Mail and webhooks against real servers on this machine: what gets through, what is refused, and how long it takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.alarm_senders import send
from flows.alarm_settings import MailReceiver, WebhookReceiver
from tests.flows.mail_server import MailServer
from tests.flows.webhook_server import WebhookServer
from tests.tls_issuer import Issuer, issuer_in

NOW = datetime(2026, 11, 26, 5, 10, tzinfo=UTC)
PASSWORD = "hemligt-losenord"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory) -> Issuer:
    return issuer_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("LAGESBILD_MAIL_PASSWORD", PASSWORD)


def message(number: int = 1, **more) -> dict:
    said = {"title": "[TLP:AMBER] Lindvik: bladet är ute", "lines": ["Första raden: å ä ö", "", "<b>1 234</b> & mer"]}
    return {"id": f"{number:032x}", "at": NOW.isoformat(), **said, **more}


def by_mail(server: MailServer, issuer: Issuer | None, **more) -> MailReceiver:
    table = {
        "kind": "mail",
        "host": "localhost",
        "port": server.port,
        "sender": "lagesbild@lindvik.example",
        "recipients": ["a@lindvik.example", "b@lindvik.example"],
        "tlp": "TLP:AMBER",
        "ca_file": str(issuer.ca_file) if issuer else None,
    }
    return MailReceiver.model_validate(table | more)


def test_mail_goes_over_starttls_with_user_and_password(issuer):
    with MailServer(issuer.server("localhost"), starttls=True, login=("lagesbild", PASSWORD)) as server:
        receiver = by_mail(server, issuer, user="lagesbild", secret_env="LAGESBILD_MAIL_PASSWORD")
        sent = send(Path("/"), receiver, [message(1), message(2)], NOW)
    assert (sent.taken, sent.failed) == ([message(1)["id"], message(2)["id"]], {})
    assert server.logged_in_over_tls and server.commands.count("EHLO") == 2
    mail = server.mails[0]
    assert mail["Subject"] == "[TLP:AMBER] Lindvik: bladet är ute" and mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == ["Första raden: å ä ö", "", "<b>1 234</b> & mer"]
    assert mail["Message-ID"] == f"<{message(1)['id']}@lindvik.example>"
    assert [to.rpartition("<")[2] for to in server.receivers[0]] == ["a@lindvik.example>", "b@lindvik.example>"]


def test_mail_goes_over_tls_from_the_first_byte(issuer):
    with MailServer(issuer.server("localhost"), implicit=True) as server:
        assert send(Path("/"), by_mail(server, issuer, security="tls"), [message()], NOW).failed == {}
    assert len(server.mails) == 1


def test_mail_never_goes_in_clear_where_tls_was_asked_for(issuer):
    with MailServer(starttls=False, login=("lagesbild", PASSWORD)) as server:
        receiver = by_mail(server, issuer, user="lagesbild", secret_env="LAGESBILD_MAIL_PASSWORD")
        sent = send(Path("/"), receiver, [message()], NOW)
    assert list(sent.failed.values()) == ["the mail server offers no STARTTLS, or no way to log in"]
    assert server.mails == [] and "AUTH" not in server.commands


@pytest.mark.parametrize("how", [{"starttls": True}, {"implicit": True}])
@pytest.mark.parametrize(
    ("host", "days", "is_trusted"), [("localhost", 30, False), ("annan.example", 30, True), ("localhost", -1, True)]
)
def test_a_mail_server_with_a_certificate_that_is_not_its_own_gets_nothing(issuer, how, host, days, is_trusted):
    with MailServer(issuer.server(host, valid_days=days), **how) as server:
        receiver = by_mail(server, issuer if is_trusted else None, security="tls" if "implicit" in how else "starttls")
        sent = send(Path("/"), receiver, [message()], NOW)
    assert list(sent.failed.values()) == ["the mail server's certificate or TLS was not accepted"]
    assert server.mails == [] and "MAIL" not in server.commands


def test_a_refused_password_is_told_by_its_number_and_never_repeated(issuer):
    with MailServer(issuer.server("localhost"), starttls=True, login=("lagesbild", "another")) as server:
        receiver = by_mail(server, issuer, user="lagesbild", secret_env="LAGESBILD_MAIL_PASSWORD")
        sent = send(Path("/"), receiver, [message()], NOW)
    assert list(sent.failed.values()) == ["the mail server refuses user or password (535)"]


def test_a_password_beyond_ascii_is_told_as_such(issuer, monkeypatch):
    monkeypatch.setenv("LAGESBILD_MAIL_PASSWORD", "lösenord")
    with MailServer(issuer.server("localhost"), starttls=True, login=("lagesbild", PASSWORD)) as server:
        receiver = by_mail(server, issuer, user="lagesbild", secret_env="LAGESBILD_MAIL_PASSWORD")
        sent = send(Path("/"), receiver, [message()], NOW)
    assert "must be ASCII" in sent.failed[message()["id"]] and "lösenord" not in sent.failed[message()["id"]]


def test_a_message_that_is_refused_does_not_hold_the_next(issuer):
    with MailServer(refuses={"RCPT": "550 nobody here"}) as server:
        receiver = by_mail(server, None, security="none")
        assert send(Path("/"), receiver, [message(1), message(2)], NOW).failed == {
            message(n)["id"]: "the mail server refuses every recipient" for n in (1, 2)
        }
        assert server.commands.count("RCPT") == 4  # both were tried
        server.refuses = {"DATA": "554 spam"}
        assert set(send(Path("/"), receiver, [message()], NOW).failed.values()) == {"the mail server answered 554"}
        server.refuses = {}
        assert send(Path("/"), receiver, [message()], NOW).taken == [message()["id"]]


def test_a_mail_server_that_is_not_there_is_told_in_words():
    with MailServer() as server:
        receiver = by_mail(server, None, security="none")
    assert list(send(Path("/"), receiver, [message()], NOW).failed.values()) == ["the mail server refuses connections"]


def test_a_mail_server_that_drips_its_answers_is_left_at_the_deadline():
    with MailServer(drips_s=0.5) as server:
        began = time.monotonic()
        sent = send(Path("/"), by_mail(server, None, security="none"), [message()], NOW, send_s=0.5)
        assert time.monotonic() - began < 60  # its greeting and five answers would take longer
    assert list(sent.failed.values()) == ["not done within 0.5 s"]


@pytest.fixture
def hook(monkeypatch):
    with WebhookServer() as server:
        monkeypatch.setenv("LAGESBILD_HOOK", server.url)
        yield server


def by_hook(form: str, **more) -> WebhookReceiver:
    table = {"kind": "webhook", "form": form, "tlp": "TLP:AMBER", "secret_env": "LAGESBILD_HOOK"}
    return WebhookReceiver.model_validate(table | more)


def test_teams_gets_an_adaptive_card_and_slack_a_text_in_which_nothing_is_a_link(hook):
    assert send(Path("/"), by_hook("teams"), [message()], NOW).taken == [message()["id"]]
    card = hook.bodies[0]["attachments"][0]
    assert hook.bodies[0]["type"] == "message"
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    blocks = card["content"]["body"]
    assert [block["text"] for block in blocks] == [message()["title"], *message()["lines"]]
    assert send(Path("/"), by_hook("slack"), [message()], NOW).taken == [message()["id"]]
    said = "*[TLP:AMBER] Lindvik: bladet är ute*\nFörsta raden: å ä ö\n\n&lt;b&gt;1 234&lt;/b&gt; &amp; mer"
    assert hook.bodies[1] == {"text": said}


def test_a_webhook_that_is_busy_is_left_alone_as_long_as_it_asks(hook):
    hook.answer = (429, {"Retry-After": "1800"})
    sent = send(Path("/"), by_hook("slack"), [message(1), message(2)], NOW)
    assert sent.stay_away == timedelta(minutes=30) and len(hook.bodies) == 1
    assert set(sent.failed) == {message(1)["id"], message(2)["id"]}


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_told_by_its_status(hook, status):
    hook.answer = (status, {"Location": "http://127.0.0.1:9/"})
    sent = send(Path("/"), by_hook("slack"), [message()], NOW)
    assert list(sent.failed.values()) == [f"the webhook answered {status}"]


def test_a_webhook_over_tls_must_have_a_certificate_of_its_own(issuer, monkeypatch):
    with WebhookServer(issuer.server("localhost")) as server:
        monkeypatch.setenv("LAGESBILD_HOOK", server.url)
        refused = send(Path("/"), by_hook("teams"), [message()], NOW)
        assert list(refused.failed.values()) == ["the webhook was not reached: tls"]
        assert send(Path("/"), by_hook("teams", ca_file=str(issuer.ca_file)), [message()], NOW).failed == {}
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example/the-secret-part", "must be https"),
        ("file:///etc/passwd", "must be https"),
        ("https://user:pass@hooks.example/x", "must be https"),
        ("https://127.0.0.2:9/the-secret-part", "refused"),
        ("https://no-such-host.invalid/the-secret-part", "dns"),
        ("", "LAGESBILD_HOOK is not set"),
    ],
)
def test_a_fault_of_the_address_never_repeats_the_address(monkeypatch, url, says):
    monkeypatch.setenv("LAGESBILD_HOOK", url)
    (fault,) = send(Path("/"), by_hook("slack"), [message()], NOW).failed.values()
    assert says in fault and "the-secret-part" not in fault and "user:pass" not in fault


def test_a_secret_is_read_from_a_file_that_others_cannot_read(tmp_path, hook):
    path = tmp_path / "hook"
    receiver = by_hook("slack", secret_env=None, secret_file=str(path))
    assert "cannot be read (FileNotFoundError)" in next(
        iter(send(tmp_path, receiver, [message()], NOW).failed.values())
    )
    path.write_text(hook.url + "\n")
    path.chmod(0o644)
    assert "others may read it (mode 644)" in next(iter(send(tmp_path, receiver, [message()], NOW).failed.values()))
    path.chmod(0o640)
    assert send(tmp_path, receiver, [message()], NOW).failed == {}
