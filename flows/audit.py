"""``lagesbild audit``: the audit trail looked through, landed bytes and kept settings held against their hashes, and a
code from a sheet of paper or a mail held against the record of pictures.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from flows.commands import DEGRADED, DONE, opened
from flows.console import Console
from flows.opened import UsageError
from flows.settings_kept import kept_settings
from flows.settings_read import kept_files
from flows.store import Store
from flows.trails import CODE_DIGITS, code_of, trail_findings
from warehouse.files import sha256_of
from warehouse.landing import Landed
from warehouse.trail import TOLD

if TYPE_CHECKING:
    from flows.pictures import Recorded


def audit(arguments: argparse.Namespace, console: Console) -> int:
    """Look through the audit trail, landed bytes and kept settings; find the picture of a code where one is given."""
    from flows.pictures import records

    _, store = opened(arguments)
    known = records(store)
    findings = [*trail_findings(store, known), *_bytes(store), *_settings(store, known)]
    if arguments.code:
        findings.append(_of_code(arguments.code, known))
    console.answer({"findings": [{"is_fault": fault, "finding": text} for fault, text in findings]})
    for is_fault, text in findings:
        console.say(f"{'FAULT' if is_fault else 'ok   '}  {text}")
    return DEGRADED if any(is_fault for is_fault, _ in findings) else DONE


def _of_code(code: str, known: list[Recorded]) -> tuple[bool, str]:
    wanted = code.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{CODE_DIGITS}}}", wanted):
        raise UsageError(f"{code!a}: a code is the {CODE_DIGITS} hex digits at the sheet's foot")
    if of := [one.moment_at for one in known if one.anchor and code_of(one.anchor) == wanted]:
        return False, f"{wanted}: printed on the picture of {_when(max(of))}; its journals were looked through above"
    return True, f"{wanted}: no picture here has this code: the record of pictures was cut, or it is of another house"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


def _bytes(store: Store) -> Iterator[tuple[bool, str]]:
    """Hold every landed object against its hash, which the journal has."""
    landed = {entry.sha256 for entry in store.landing.entries() if isinstance(entry, Landed)}
    standing = landed | set(store.landing.erasures().values())
    wrong = [
        sha256
        for sha256 in sorted(standing)
        if (path := store.landing.object_path(sha256)).exists() and sha256_of(path) != sha256
    ]
    yield bool(wrong), f"landed bytes: {len(standing)} objects, {len(wrong)} are not what their hash says"
    for sha256 in wrong[:TOLD]:
        yield True, f"landed bytes: {sha256}: changed since it was landed; restore it from backup"


def _settings(store: Store, known: list[Recorded]) -> Iterator[tuple[bool, str]]:
    """Hold the settings that pictures were made and deliveries read with against their hashes, which name them."""
    made_with = {one.settings for one in known}
    read_with = {path.stem for path in store.settings_kept.glob("read/*.json")}
    kept = {path.stem for path in store.settings_kept.glob("*.json")}
    wrong = {f"settings/{one}.json" for one in made_with | kept if kept_settings(store.settings_kept, one) is None}
    wrong |= {f"settings/read/{one}.json" for one in read_with if kept_files(store, one) is None}
    count = len(made_with | kept) + len(read_with)
    yield bool(wrong), f"kept settings: {count}, {len(wrong)} are gone or not what their hash says"
    for name in sorted(wrong)[:TOLD]:
        yield True, f"kept settings: {name}: gone or changed; restore it from backup, what it made cannot be made again"
