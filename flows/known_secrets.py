"""Passwords that everybody knows, and one used for two things: found where this house is told its secrets.

No secret is repeated in what is said of it, only where it stands.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flows.station import DATABASE, KEY, is_default

if TYPE_CHECKING:
    from flows.alarm_settings import AnyReceiver

#: A setting whose name ends so holds a secret, whoever reads it.
_NAMED_SO = re.compile(r"(?:LAGESBILD|PREFECT|PG)\w*(?:PASSWORD|SECRET|TOKEN|API_KEY|AUTH_STRING)")


def secret_findings(receivers: Mapping[str, AnyReceiver]) -> Iterator[tuple[bool, str]]:
    """(is it a fault, what was found) of each secret that can be read from here."""
    by_secret: dict[str, list[str]] = defaultdict(list)
    for where, secret in [*_environment(), *_receivers(receivers)]:
        by_secret[secret].append(where)
        if is_default(secret):
            yield True, f"{where}: a password that everybody knows; make a new one, 20 characters or more by chance"
    for places in by_secret.values():
        if len(places) > 1:
            yield True, f"{', '.join(places)}: the same password; whoever learns one has the others, make one for each"
    yield False, f"secrets: {len(by_secret)} that can be read from here"


def _environment() -> Iterator[tuple[str, str]]:
    told = {name: value.strip() for name, value in os.environ.items() if value.strip()}
    if told.get("PREFECT_API_AUTH_STRING") == told.get(KEY):
        told.pop("PREFECT_API_AUTH_STRING", None)  # the client's copy of the server's key, as it must be
    for name, value in sorted(told.items()):
        if name == DATABASE:
            try:
                password = urlsplit(value).password
            except ValueError:
                continue
            if password:
                yield name, unquote(password)
        elif _NAMED_SO.fullmatch(name):
            yield name, value.partition(":")[2] if name.endswith("AUTH_STRING") else value


def _receivers(receivers: Mapping[str, AnyReceiver]) -> Iterator[tuple[str, str]]:
    from flows.alarm_settings import SecretUnread

    for name, receiver in receivers.items():
        if receiver.secret_file:
            try:
                yield f"alarms: {name}", receiver.secret()
            except SecretUnread:
                continue  # said of the receiver itself
