"""``alarms.toml``: who is told what, and how. One table per receiver; the file may be missing, then nobody is told.

It is no part of ``read_settings`` and of the settings' hash: a fault in a mail address must not keep the sheet from
coming out, and a new one does not make the lake old. No secret stands in it: a password, or a webhook's address, which
is one, is read from the environment or from a file of its own when something is sent.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field

from flows.alarms import KINDS, Kind
from flows.settings_faults import Fault, SettingsError, did_you_mean, model_faults
from flows.settings_model import Table, Tlp

FILE = "alarms.toml"
MAIL_ADDRESS = r"^[!-?A-~]+@[!-?A-~]+$"
#: From open to strict, as the sheet orders them.
TLP_ORDER: tuple[str, ...] = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SecretUnread(Exception):
    """A secret could not be read; the message names where it should stand and never what it is."""


class Receiver(Table):
    """What mail and webhooks have in common."""

    tells: list[Kind] = Field(default=list(KINDS), min_length=1, description=f'tells = ["{KINDS[0]}", …]')
    tlp: Tlp = Field(description='tlp = "TLP:AMBER", the strictest label whose numbers may be sent there')
    secret_env: str | None = Field(
        default=None, pattern=r"^[A-Z][A-Z0-9_]+$", description='secret_env = "LAGESBILD_MAIL_PASSWORD"'
    )
    secret_file: str | None = Field(
        default=None, pattern=r"^/", description='secret_file = "/etc/lagesbild/mail.password", a whole path'
    )
    ca_file: str | None = Field(
        default=None,
        min_length=1,
        description='ca_file = "our-ca.pem", beside this file: trusted instead of the public',
    )

    def secret(self) -> str:
        """The password, or the webhook's address. Raises SecretUnread."""
        if self.secret_env:
            text = os.environ.get(self.secret_env, "")
            if not text:
                raise SecretUnread(f"{self.secret_env} is not set; put it into the environment of the runs")
            return text.strip()
        path = Path(self.secret_file or "")
        try:
            mode, text = stat.S_IMODE(path.stat().st_mode), path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretUnread(f"{path} cannot be read ({type(error).__name__}); let the runs' user read it") from None
        if mode & 0o007:
            raise SecretUnread(f"{path}: others may read it (mode {mode:o}); chmod 640")
        if not text:
            raise SecretUnread(f"{path} is empty; write the secret into it")
        return text


class MailReceiver(Receiver):
    """People who get mail. ``secret_…`` is the password of ``user``."""

    kind: Literal["mail"] = Field(description='kind = "mail" or "webhook"')
    host: str = Field(min_length=1, pattern=r"^[!-~]+$", description='host = "smtp.example.org"')
    port: int | None = Field(default=None, ge=1, le=65535, description="port = 587")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description='security = "starttls", "tls" (from the first byte), or "none" on this machine'
    )
    sender: str = Field(pattern=MAIL_ADDRESS, description='sender = "lagesbild@example.org"')
    recipients: list[str] = Field(min_length=1, description='recipients = ["trygghet@example.org"]')
    user: str | None = Field(default=None, min_length=1, description='user = "lagesbild", where the server asks')

    @property
    def port_used(self) -> int:
        return self.port or PORTS[self.security]


class WebhookReceiver(Receiver):
    """A channel of Teams or Slack, or what understands them. ``secret_…`` is its whole address."""

    kind: Literal["webhook"] = Field(description='kind = "mail" or "webhook"')
    form: Literal["teams", "slack"] = Field(description='form = "teams" or "slack"')
    private_host: bool = Field(default=False, description="private_host = true, for one in your own network")


AnyReceiver = MailReceiver | WebhookReceiver


def read_receivers(folder: Path) -> dict[str, AnyReceiver]:
    """The receivers that ``alarms.toml`` in the settings folder names; none where there is no file.

    Raises SettingsError with every fault of the file.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(folder.name, [Fault(FILE, "", f"cannot be read: {error}", "")]) from None
    faults: list[Fault] = []
    read: dict[str, AnyReceiver] = {}
    models: dict[str, type[Receiver]] = {"mail": MailReceiver, "webhook": WebhookReceiver}
    for name, table in raw.items():
        kind = table.get("kind") if isinstance(table, dict) else None
        if kind not in models:
            write = did_you_mean(str(kind), models) if kind else 'write a table with kind = "mail" or "webhook"'
            faults.append(Fault(FILE, f"{name}.kind", "is no kind of receiver", write))
            continue
        model, wrong = model_faults(FILE, name, models[kind], table)
        faults += wrong
        if model is not None:
            faults += _rule_faults(folder, name, model)
            read[name] = model
    if faults:
        raise SettingsError(folder.name, faults)
    return read


def _rule_faults(folder: Path, name: str, receiver: AnyReceiver) -> list[Fault]:
    faults = []
    needs_secret = isinstance(receiver, WebhookReceiver) or receiver.user is not None
    given = [key for key in ("secret_env", "secret_file") if getattr(receiver, key)]
    if len(given) != needs_secret:
        wrong = "is missing" if needs_secret and not given else "says too much"
        write = "write one of secret_env and secret_file" if needs_secret else "a secret goes with a user"
        faults.append(Fault(FILE, f"{name}.secret_env", wrong, write))
    if receiver.ca_file and not (folder / receiver.ca_file).is_file():
        faults.append(Fault(FILE, f"{name}.ca_file", f"names {receiver.ca_file}, which is not there", "add the file"))
    if isinstance(receiver, MailReceiver):
        for address in receiver.recipients:
            if not re.fullmatch(MAIL_ADDRESS, address):
                faults.append(Fault(FILE, f"{name}.recipients", "holds what is no mail address", "write name@host"))
        if receiver.security == "none" and not is_this_machine(receiver.host):
            faults.append(Fault(FILE, f"{name}.security", "is none beyond this machine", 'write "starttls" or "tls"'))
    return faults


def is_this_machine(host: str) -> bool:
    """Whether ``host`` is this machine, by its own address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_have(receiver: AnyReceiver, tlp: str | None) -> bool:
    """Whether what is labelled ``tlp`` may be sent to the receiver; a label that nobody knows may not."""
    if tlp is None:
        return True
    return tlp in TLP_ORDER and TLP_ORDER.index(tlp) <= TLP_ORDER.index(receiver.tlp)
