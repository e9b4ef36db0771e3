"""The settings that deliveries were read with: their very files, kept under their digest and made settings of again.

What a delivery's records became follows from the areas, places, vocabularies and mappings of the day it was read. The
lake says for each feed which settings those were (``FeedState.settings_spans``); here are the files themselves.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from warehouse.files import write_bytes

if TYPE_CHECKING:
    from flows.settings import Settings
    from flows.store import Store
    from warehouse.manifest import FeedState, Spans


def digest_of(bodies: Mapping[str, bytes]) -> str:
    """SHA-256 over files by their labels: of two equal digests every file is equal."""
    lines = "".join(f"{hashlib.sha256(body).hexdigest()}  {label}\n" for label, body in sorted(bodies.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def spans_with(state: FeedState, digest: str) -> Spans:
    """The state's spans when what follows is read with the settings of ``digest``."""
    spans = spans_of(state)
    return spans if spans and spans[-1][0] == digest else (*spans, (digest, state.newest))


def stood(state: FeedState, until: tuple[datetime, str], seq: int) -> FeedState:
    """The state of a feed's part that stands when it is made anew after the place ``until``: read up to journal number
    ``seq``, with the settings it was read with."""
    from warehouse.manifest import FeedState  # with pyarrow: who only reads settings waits for none of it

    spans = spans_of(state)
    kept = tuple(span for span in spans if span[1] is None or (datetime.fromisoformat(span[1][0]), span[1][1]) <= until)
    digest = kept[-1][0] if kept else ""
    newest = (until[0].isoformat(), until[1])
    return FeedState(journal_seq=seq, newest=newest, settings_digest=digest, settings_spans=kept)


def spans_of(state: FeedState) -> Spans:
    """With which settings the feed was read; of a state that an older program wrote, as far as it knew."""
    if state.settings_spans and state.settings_spans[-1][0] == state.settings_digest:
        return state.settings_spans
    return ((state.settings_digest, None),) if state.settings_digest else ()


def _kept(store: Store, digest: str) -> Path:
    return store.settings_kept / "read" / f"{digest}.json"


def keep_files(store: Store, settings: Settings) -> None:
    """Keep the files the settings were made of, durably, where they are not kept yet. Raises OSError."""
    target = _kept(store, settings.digest())
    if kept_files(store, settings.digest()) is None:
        plain = {label: body.decode("utf-8", "surrogateescape") for label, body in settings.file_bodies.items()}
        write_bytes(target, json.dumps(plain, sort_keys=True, indent=0).encode("ascii"))


def kept_files(store: Store, digest: str) -> dict[str, bytes] | None:
    """The very files kept under ``digest``, by label; None where they are gone or were changed."""
    try:
        plain = json.loads(_kept(store, digest).read_bytes())
        bodies = {label: text.encode("utf-8", "surrogateescape") for label, text in plain.items()}
    except (OSError, ValueError, AttributeError):
        return None
    return bodies if digest_of(bodies) == digest else None


def settings_then(store: Store, digest: str, today: Settings) -> Settings | None:
    """The settings of ``digest`` as far as reading deliveries goes; the rest, such as thresholds, is ``today``'s.

    None where their files are not kept, or this program can no longer read them.
    """
    if digest == today.digest():
        return today
    from flows.settings_faults import SettingsError

    bodies = kept_files(store, digest)
    try:
        return None if bodies is None else _settings_of(bodies, today)
    except (SettingsError, KeyError, ValueError):
        return None


def own_lists(bodies: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of the files that a connector reads from where the program stands, and from nowhere else."""
    return {label: body for label, body in bodies.items() if label.startswith("connectors/") and label.count("/") == 2}


def _settings_of(bodies: Mapping[str, bytes], today: Settings) -> Settings:
    """Raises SettingsError where a file has faults in this program's eyes, KeyError or ValueError where one lacks."""
    from connectors.kit import Municipality
    from flows.settings import feeds_of
    from flows.settings_faults import SettingsError
    from flows.settings_files import SettingsFiles

    name = tomllib.loads(bodies["municipality.toml"].decode("utf-8-sig"))["id"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        for label, body in bodies.items():
            path = folder / label
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        files = SettingsFiles(folder, program=folder)
        town, tables, places = files.municipality(), files.feeds(), files.places()
        mappings = {feed: files.mapping(feed, table) for feed, table in tables.items()}
        categories, municipalities, owners = files.categories(), files.municipalities(town), files.owners()
    if files.faults or town is None or places is None:
        raise SettingsError(name, files.faults)
    return replace(
        today,
        municipality=Municipality(town.code, town.name, town.county_code, town.county_name),
        municipalities=municipalities,
        timezone=ZoneInfo(town.timezone),
        feeds=feeds_of(folder, tables, mappings),
        categories=categories,
        places=places,
        owners=owners,
        file_bodies=bodies,
    )
