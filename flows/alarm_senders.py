"""Sending waiting messages to one receiver: mail by SMTP, or a webhook of Teams or Slack. Bounded in time.

A fault becomes a few words of ours: what a server answers, and an exception's own text, may hold an address or a key.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.http import asked_wait_s
from connectors.http_transfer import TransferFailed, transfer
from flows.alarm_settings import AnyReceiver, MailReceiver, SecretUnread, WebhookReceiver, is_this_machine

#: Seconds one receiver may take in all, from name to last byte. Two of them that hang then cost a minute, after the
#: sheet is out. Decided 2026-11-26.
SEND_S = 30.0
#: Seconds for one step of the talk with a mail server.
STEP_S = 10.0
ANSWER_CAP = 100_000

Message = Mapping[str, Any]


@dataclass
class Sent:
    """What came of sending: ids that were taken, faults of those that were not, and how long to stay away."""

    taken: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stay_away: timedelta = timedelta(0)


def send(
    folder: Path, receiver: AnyReceiver, messages: Sequence[Message], now: datetime, send_s: float = SEND_S
) -> Sent:
    """Send ``messages`` to ``receiver``; never raises, and ends within ``send_s`` seconds.

    ``folder`` is the settings', for certificates. The work is done in a thread that is left behind where it hangs:
    neither a name that is looked up for ever nor a server that drips its answers can hold a run.
    """
    sent, faults = Sent(), []

    def work() -> None:
        try:
            secret = receiver.secret() if receiver.secret_env or receiver.secret_file else ""
            ca_file = str(folder / receiver.ca_file) if receiver.ca_file else None
            if isinstance(receiver, MailReceiver):
                _send_mail(receiver, secret, ca_file, messages, sent)
            else:
                _post(receiver, secret, ca_file, messages, sent, now, send_s)
        except Exception as error:
            faults.append(_words(error))

    worker = threading.Thread(target=work, name="alarm-sender", daemon=True)
    worker.start()
    worker.join(send_s)
    result = Sent(list(sent.taken), dict(sent.failed), sent.stay_away)
    fault = faults[0] if faults else f"not done within {send_s:g} s"
    for message in messages:
        if message["id"] not in result.taken:
            result.failed.setdefault(message["id"], fault)
    return result


def _send_mail(
    receiver: MailReceiver, secret: str, ca_file: str | None, messages: Sequence[Message], sent: Sent
) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    if receiver.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(receiver.host, receiver.port_used, timeout=STEP_S, context=context)
    else:
        client = smtplib.SMTP(receiver.host, receiver.port_used, timeout=STEP_S)
    with client:
        if receiver.security == "starttls":
            client.starttls(context=context)  # raises where the server offers none: never on in clear
        if receiver.user:
            if not (receiver.user + secret).isascii():  # smtplib logs in with ASCII alone
                raise SecretUnread("user and password of the mail server must be ASCII; choose another password")
            client.login(receiver.user, secret)
        for message in messages:
            try:
                client.send_message(mail_of(receiver, message), receiver.sender, receiver.recipients)
                sent.taken.append(message["id"])
            except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
                sent.failed[message["id"]] = _words(error)  # this one; the next may pass


def mail_of(receiver: MailReceiver, message: Message) -> EmailMessage:
    """The mail: plain text, told as made by a machine so that no holiday reply comes back."""
    mail = EmailMessage()
    mail["Subject"] = message["title"]
    mail["From"] = receiver.sender
    mail["To"] = ", ".join(receiver.recipients)
    mail["Date"] = format_datetime(datetime.fromisoformat(message["at"]))
    mail["Message-ID"] = f"<{message['id']}@{receiver.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(message["lines"]) + "\n")
    return mail


def _post(
    receiver: WebhookReceiver,
    url: str,
    ca_file: str | None,
    messages: Sequence[Message],
    sent: Sent,
    now: datetime,
    send_s: float,
) -> None:
    parts = urlsplit(url)
    is_local = is_this_machine(parts.hostname or "")
    if not parts.hostname or "@" in parts.netloc or parts.scheme not in (("http", "https") if is_local else ("https",)):
        raise SecretUnread("the webhook's address must be https://host/…; look at what secret_… names")
    for message in messages:
        answer = transfer(
            requests.Request("POST", url, json=body_of(receiver, message)).prepare(),
            deadline_s=min(STEP_S, send_s),
            byte_cap=ANSWER_CAP,
            verify=ca_file or True,
            may_be_private=is_local or receiver.private_host,
        )
        if 200 <= answer.status < 300:
            sent.taken.append(message["id"])
            continue
        sent.failed[message["id"]] = f"the webhook answered {answer.status}"
        if answer.status in (429, 503):
            sent.stay_away = timedelta(seconds=asked_wait_s(answer, now) or 0)
            return


def body_of(receiver: WebhookReceiver, message: Message) -> dict[str, Any]:
    """The message as Teams (an Adaptive Card, as its Workflows take it) or Slack reads it."""
    if receiver.form == "slack":
        said = "\n".join([f"*{_plain(message['title'])}*", *(_plain(line) for line in message["lines"])])
        return {"text": said}
    blocks = [{"type": "TextBlock", "text": message["title"], "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": line, "wrap": True} for line in message["lines"]]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [card]}


def _plain(text: str) -> str:
    """Slack's three characters that begin a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(error: Exception) -> str:
    """What went wrong, without the server's own words."""
    if isinstance(error, SecretUnread):
        return str(error)
    if isinstance(error, TransferFailed):
        return f"the webhook was not reached: {error.cause}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses user or password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the mail server refuses every recipient"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server offers no STARTTLS, or no way to log in"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    for kind, words in (
        (ssl.SSLError, "the mail server's certificate or TLS was not accepted"),
        (ConnectionRefusedError, "the mail server refuses connections"),
        (socket.gaierror, "the mail server's name gives no address"),
        (TimeoutError, "the mail server did not answer in time"),
        (smtplib.SMTPServerDisconnected, "the mail server broke off"),
    ):
        if isinstance(error, kind):
            return words
    return f"not sent ({type(error).__name__})"
