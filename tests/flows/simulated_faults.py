"""The faults that are dealt to the simulated nights, by class, and what senders make of them."""

from __future__ import annotations

import json
from datetime import datetime

from tests.connectors.polisen_events.made_up_police import window
from tests.connectors.replay_server import Recorded
from tests.flows.crash_sweep import HEADER

NETWORK = (
    "none", "http 500 all night", "http 500 once", "busy with Retry-After", "moved to another address",
    "not found", "no right to read", "html with status 200", "an error in an envelope", "an empty list",
    "the body cut short", "the same answer as yesterday",
)  # fmt: skip
PAYLOAD = (
    "none", "html instead of csv", "a column renamed", "a quote never closed", "one row with an impossible date",
    "a column added", "columns in another order", "a word nobody knows", "markup, sql and formulas", "utf-8 with BOM",
    "nothing in the file",
)  # fmt: skip
FILES = (
    "none", "still being written", "a symbolic link", "another name for a file elsewhere", "a pipe", "an odd name",
    "the same content by a new name", "dated in the future", "the folder gone for a night",
)  # fmt: skip
TIME = (
    "none",
    "sent twice",
    "held back a day",
    "a correction of yesterday",
    "clock a day ahead",
    "clock an hour behind",
)
ORCHESTRATION = (
    "none", "asleep at 05.00", "started twice", "stopped at a durable step", "disk full", "another run never lets go",
    "a fault in one connector", "the layout fails", "the webhook is away",
)  # fmt: skip
CLASSES = {"network": NETWORK, "payload": PAYLOAD, "files": FILES, "time": TIME, "orchestration": ORCHESTRATION}

#: Where nothing of a night's file can be used, so that the sender sends the reports again in the next one.
HELD_WHOLE = {"html instead of csv", "a column renamed", "a quote never closed"}


def police_answer(fault: str, number: int, local: datetime) -> Recorded:
    """What the police's server answers in the night ``number``, at the ``local`` moment, as ``fault`` has it."""
    newest = 1000 + 2 * (number - (fault == "the same answer as yesterday"))
    ids = range(newest, newest - 12, -1)
    body = json.dumps(window(*ids, datetime=f"{local:%Y-%m-%d} 1:05:10 +02:00")).encode()
    match fault:
        case "http 500 all night" | "http 500 once":
            return Recorded(b"out of order", 500)
        case "busy with Retry-After":
            return Recorded(b"later", 429, {"Retry-After": "7200"})
        case "moved to another address":
            return Recorded(b"over there", 302, {"Location": "https://elsewhere.example/"})
        case "not found":
            return Recorded(b"nothing here", 404)
        case "no right to read":
            return Recorded(b"who are you", 401)
        case "html with status 200":
            return Recorded(b"<html>log in</html>")
        case "an error in an envelope":
            return Recorded(b'{"error": "quota"}')
        case "an empty list":
            return Recorded(b"[]")
        case "the body cut short":
            return Recorded(body[:99], 200, {"Content-Length": str(len(body))})
    return Recorded(body)


def guard_file(payload: str, number: int, rows: list[str]) -> bytes:
    """The guards' file of the night ``number`` with these ``rows``, as ``payload`` has it."""
    lines, encoding = [HEADER, *rows], "cp1252"
    match payload:
        case "html instead of csv":
            return f"<html>{number}</html>".encode()
        case "nothing in the file":
            return b""
        case "a column renamed":
            lines[0] = lines[0].replace("Datum", "Dag")
        case "a quote never closed":
            lines[1] = lines[1].replace("Torget", '"Torget')
        case "one row with an impossible date":
            lines.append(f"B{number};2026-02-31;23.10;;Torget;Klotter;;;Nej;;;;;")
        case "a column added":
            lines = [lines[0] + ";Ny", *(line + ";7" for line in lines[1:])]
        case "columns in another order":
            lines = [";".join(reversed(line.split(";"))) for line in lines]
        case "a word nobody knows":
            lines = [line.replace("Klotter", "Blargh") for line in lines]
        case "markup, sql and formulas":
            lines = [line.replace(";;;Nej", ";=cmd|'/c x'!A1 <script>' DROP TABLE x --;;Nej") for line in lines]
        case "utf-8 with BOM":
            encoding = "utf-8-sig"
    return "\r\n".join([*lines, ""]).encode(encoding)
