"""The picture as a plain function: lake → tables → checks → sheet, as of now or as of a moment that is past."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.compared import said_again, said_by_meeting, said_of_part
from flows.cut import Cut, settings_of
from flows.past_pictures import Again, as_it_was
from flows.pictures import record_picture, recorded_back
from flows.results import PictureResult, cause_of, named
from flows.store import Run, Store
from flows.trails import anchor_now, code_of

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.manifest import Manifest
    from warehouse.publish import Published

#: How long after the sheet's hour the meeting has its sheet in hand: ready 06:15, utsättning 06:30, and whoever comes
#: late prints at 07. A picture made later than that was not what the meeting saw. Decided 2026-11-26.
MEETING_AFTER = timedelta(hours=1)


def make_picture(
    store: Store,
    settings: Settings,
    run: Run,
    moment: datetime,
    languages: Sequence[str] | None = None,
    *,
    is_past: bool = False,
    cut: Cut | None = None,
    database: Path | None = None,
    again: bool = False,
    notice: str = "",
    weekly: bool = False,
) -> PictureResult:
    """Build the tables as of ``moment`` (UTC) and publish the sheet. The last good sheet stands where this fails.

    A picture of the past (``is_past``) or of a part (``cut``) is built in a database of its own, so that the
    analysts' stays today's, and a part is published in a folder of its own below ``published/``. ``database`` names
    another file to build, for who does not hold the writer's lock. ``again`` makes the picture of ``moment`` from what
    is recorded of it (pictures.py), to the minute; ``result.verdict`` says whether it is the one that was published.
    ``notice`` is printed on the sheet above everything else; such a sheet is not recorded as the day's.

    The analysts' snapshot is not made here: it follows when the caller has let go of the lock (``snapshots.follow``).
    The week's tables are made for whom it is there to ask of them: where the snapshot is due, in a database that is not
    the analysts' (of the past, of a part, another file), and where they are asked for (``weekly``).
    """
    from flows.config_tables import config_tables
    from flows.snapshots import damage_of, is_due
    from warehouse.build import BuildInputs, build
    from warehouse.contract import LAKE_TABLES
    from warehouse.earlier import UNREADABLE
    from warehouse.present import ATTEMPTS, present_of
    from warehouse.publish import publish, published_back, read_picture

    result = PictureResult(moment=moment)
    part = cut if cut and not cut.is_whole else None
    database = database or (store.part_database if part else store.past_database if is_past else store.database)
    try:
        run.progress("the picture: checking the lake's files")
        manifest = store.lake.manifest()
        before = previous_moment(store, settings, moment)
        used = settings_of(settings, part) if part else settings
        present = None if part or again else present_of(store.lake, manifest, moment, before, used.timezone)
        # The years that this morning does not read are held against their hashes when the snapshot reads them.
        if damage := damage_of(store, manifest, present.read_tonight() if present else None):
            raise damage
        run.progress("the picture: building the tables")
        config = config_tables(used, moment, before)
        files = {table: lake_files(store, table, manifest, used if part else None) for table in LAKE_TABLES}
        made_from = as_it_was(store, settings, run, moment, config) if again else None
        try:
            earlier, compared = _compared_with(store, settings, moment, part, made_from)
        except OSError as error:  # the sheet is worth more than its comparison
            earlier, compared = UNREADABLE, ""
            result.warnings.append(f"nothing is compared, the earlier pictures cannot be read: {named(error)}")
        if made_from is not None:
            config, files = made_from.config, made_from.files
            result.moment = moment = made_from.record.moment_at if made_from.record else moment
        heard_to = store.landing.last_seq()
        since = moment - ATTEMPTS if present else None
        is_todays = database == store.database and not (is_past or part or made_from)
        is_copied = is_todays and is_due(store, manifest, run.now())
        built = build(
            BuildInputs(
                lake_files=files,
                config=config,
                attempts=made_from.attempts if made_from else store.landing.attempt_table(heard_to, since),
                moment=moment,
                scope=part.scope() if part else None,
                present=present,
                earlier=earlier,
                with_week=weekly or is_copied or not is_todays,
            ),
            database,
            read_picture,
        )
        result.warnings = [str(warning) for warning in built.warnings]
        run.progress("the picture: publishing")
        folder = store.published / part.name if part else store.published
        if made_from and made_from.record and next(published_back(folder, moment), (None,))[0] == moment:
            folder /= "again"  # beside the one that was published, whatever comes of it
        is_recorded = not (is_past or part or notice or made_from)
        # The demo's sheet is the same wherever it is made: it prints nothing of the house it was made in.
        anchor = _anchor(store, result) if is_recorded and moment != settings.demo_moment else None
        printed = made_from.record.anchor if made_from and made_from.record else anchor
        told = languages or (made_from and made_from.languages) or [settings.language]
        published = publish(
            database, folder, told, notice, (printed, code_of(printed)) if printed else None, built.answer
        )
        result.warnings += [
            f"beside the sheet, {kind} is missing: {fault}" for kind, fault in published.incomplete.items()
        ]
        if made_from is not None:
            result.verdict = made_from.verdict(published.picture_hash)
        elif is_recorded and not published.is_degraded:
            _record(store, config, told, manifest, heard_to, published, compared, anchor, result)
    except Exception as error:
        why = _damage_behind(store, error)
        result.fault, result.cause = named(why), cause_of(why)
        return result
    if is_todays:
        if not notice:
            _prepare(store, settings, result)
        _to_copy(store, run, manifest, published.picture_hash, is_copied, result)
    result.notice = notice or None
    result.sheet, result.picture_json = published.sheet, published.picture_json
    result.sheets = published.sheets
    result.picture_hash, result.is_minimal = published.picture_hash, published.is_degraded
    return result


def _damage_behind(store: Store, error: Exception) -> Exception:
    """The fault itself, or where the lake's files made it, which of them: DuckDB opens also what it does not read."""
    import duckdb

    from flows.snapshots import damage_of

    return (damage_of(store) if isinstance(error, duckdb.Error) else None) or error


def _anchor(store: Store, result: PictureResult) -> str | None:
    """Where the audit trail stands, to be printed; the sheet is out without it too."""
    try:
        return anchor_now(store)
    except OSError as error:
        result.warnings.append(f"the audit trail is not anchored on this sheet: {named(error)}")
        return None


def _record(
    store: Store,
    config: dict[str, Any],
    languages: Sequence[str],
    manifest: Manifest,
    heard_to: int,
    published: Published,
    compared: str,
    anchor: str | None,
    result: PictureResult,
) -> None:
    """Write down what the sheet was made from. The sheet is out whatever comes of that."""
    from warehouse.earlier import said_by

    try:
        said = said_by(json.loads(published.picture_json.read_bytes()))
        record_picture(store, config, languages, manifest, heard_to, published.picture_hash, said, compared, anchor)
    except OSError as error:
        result.warnings.append(f"the picture is not recorded, it cannot be proved later: {named(error)}")


def _compared_with(
    store: Store, settings: Settings, moment: datetime, part: Cut | None, made_from: Again | None
) -> tuple[dict[str, Any] | None, str]:
    """What sections 5 and 6 are compared with, and the hash of the picture that said it (empty for none, or a part)."""
    if part:
        return said_of_part(store.published / part.name, moment), ""
    if made_from is None or made_from.record is None:
        return said_by_meeting(store, last_meeting(settings, moment), moment)
    said, doubt = said_again(store, made_from.record)
    if doubt:
        made_from.doubts.append(doubt)
    return said, made_from.record.earlier or ""


def _prepare(store: Store, settings: Settings, result: PictureResult) -> None:
    """For the morning that goes wrong: these settings, which made a sheet, and some bytes of the disk."""
    from flows.emergency import keep_reserve
    from flows.settings_last import keep_last_good

    try:
        keep_last_good(store, settings)
        keep_reserve(store)
    except OSError as error:
        result.warnings.append(f"nothing is kept for a morning without settings or disk: {named(error)}")


def _to_copy(
    store: Store, run: Run, manifest: Manifest, picture_hash: str, is_copied: bool, result: PictureResult
) -> None:
    """Note what the analysts' copy is to be made of, when the lock is free. The sheet is out whatever comes of it."""
    from flows.snapshots import note_to_copy

    try:
        note_to_copy(store, run, manifest, picture_hash, is_copied)
    except OSError as error:
        result.warnings.append(f"the analysts' snapshot is not renewed, the last one stands: {named(error)}")


def lake_files(store: Store, table: str, manifest: Manifest, part: Settings | None) -> list[Path]:
    """The lake's files of ``table``; of the feeds that ``part`` names alone, where it is given."""
    if part is None:
        return list(store.lake.files(table, manifest))
    return [path for feed in part.feeds for path in store.lake.files(table, manifest, feed)]


def previous_moment(store: Store, settings: Settings, moment: datetime) -> datetime:
    """What "since last" is counted from: the picture that lay on the table at the last meeting before ``moment``.

    Pictures made since then, each time something arrived, are passed over: nobody met over them, and what they
    showed first must still be new at the next meeting. Where there is none, the same time yesterday.
    """
    yesterday = (moment.astimezone(settings.timezone) - timedelta(days=1)).astimezone(moment.tzinfo)
    if settings.previous_picture == "same_time_yesterday":
        return yesterday
    from warehouse.publish import published_back

    seen_by = last_meeting(settings, moment)
    # The folder may have been tidied, and a sheet that fell back on the plain page is not recorded: either will do.
    known = (published_back(store.published, seen_by), recorded_back(store))
    had = (next((at for at, _ in newest if at <= seen_by and at < moment), None) for newest in known)
    return max(filter(None, had), default=yesterday)


def last_meeting(settings: Settings, moment: datetime) -> datetime:
    """When the last meeting before ``moment`` (UTC) had begun by: the sheet's hour plus MEETING_AFTER, local time."""
    from connectors.times import to_utc

    local_day = moment.astimezone(settings.timezone).date()
    for day in (local_day, local_day - timedelta(days=1)):
        begun = to_utc(datetime.combine(day, settings.morning), settings.timezone).instant + MEETING_AFTER
        if begun <= moment:
            return begun
    return begun - timedelta(days=1)
