"""The house's work as plain functions: hear the feeds, fill the lake, make the picture.

The command line and the Prefect flows call these; whether a Prefect server is there changes who watches, not what
is done. One feed's fault never keeps the picture from coming out.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.circuit import PROBE_DEADLINE_S, RESTING, Circuit, circuit_of
from flows.cut import Cut, settings_of
from flows.deadline import TookTooLong, deadline
from flows.hear import hear
from flows.ingest import Ingested, ingest_feed
from flows.pictures import as_it_was, record_picture, records
from flows.store import Run, Store

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.lake import Manifest

#: Exit codes, as the command line documents them.
PUBLISHED, DEGRADED, NOT_PUBLISHED = 0, 3, 4

#: What a flow says when there is no new sheet.
NO_SHEET = "no new sheet; the last good one stands. `lagesbild picture` says why"

#: Seconds one feed may take to be heard. The HTTP client allows itself 300 for one question with all its tries; this is
#: for what has no end of its own, such as a drop folder on a dead network disk. From 05.00 three feeds that hang leave
#: the sheet its time. Decided 2026-11-26.
HEAR_DEADLINE_S = 600.0

#: How long after the sheet's hour the meeting has its sheet in hand: ready 06:15, utsättning 06:30, and whoever comes
#: late prints at 07. A picture made later than that was not what the meeting saw. Decided 2026-11-26.
MEETING_AFTER = timedelta(hours=1)


@dataclass
class FeedResult:
    """What one run made of one feed."""

    feed: str
    status: str  # ok, nothing_new, failed or skipped
    cause: str | None = None
    detail: str | None = None
    ingested: Ingested | None = None

    @property
    def is_degraded(self) -> bool:
        return self.status in ("failed", "skipped") or bool(self.ingested and self.ingested.quarantined)


@dataclass
class PictureResult:
    """Where the picture stands, or why there is none. ``warnings`` are the checks that warned."""

    sheet: Path | None = None
    sheets: dict[str, Path] = field(default_factory=dict)  # by language
    picture_json: Path | None = None
    picture_hash: str | None = None
    moment: datetime | None = None
    warnings: list[str] = field(default_factory=list)
    fault: str | None = None
    verdict: str | None = None  # of a picture made again: is it the one that was published
    is_minimal: bool = False

    def sheet_in(self, language: str | None) -> Path | None:
        """The sheet in ``language``; in the municipality's own where there is none in that."""
        return self.sheets.get(language or "", self.sheet)


@dataclass
class RunResult:
    """What a whole run came to, and the exit code that says it in one number."""

    run_id: str
    feeds: list[FeedResult] = field(default_factory=list)
    picture: PictureResult | None = None
    erased_texts: int = 0
    housekeeping_fault: str | None = None
    untold: tuple[str, ...] = ()  # why somebody was not told of it; the sheet is no worse for that

    @property
    def exit_code(self) -> int:
        if self.picture is not None and self.picture.sheet is None:
            return NOT_PUBLISHED
        degraded = any(f.is_degraded for f in self.feeds) or bool(self.picture and self.picture.is_minimal)
        degraded = degraded or self.housekeeping_fault is not None
        return DEGRADED if degraded else PUBLISHED

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "exit_code": self.exit_code}


def collect_feed(store: Store, settings: Settings, feed: str, run: Run, *, is_probe: bool = True) -> FeedResult:
    """Hear one feed, land what it says, read it into the lake. Never raises for a fault of the feed's own.

    A feed whose circuit is open (circuit.py) is passed over unless ``is_probe``: the night, and somebody who asks by
    name, always try.
    """
    circuit = circuit_of((a for a in store.landing.attempts() if a.feed == feed), run.now())
    if circuit.state == "open" and not is_probe:
        return _ingested(store, settings, feed, run, _passed_over(store, feed, run, circuit))
    run.progress(f"{feed}: asking")
    try:
        with deadline(HEAR_DEADLINE_S if circuit.state == "closed" else PROBE_DEADLINE_S):
            attempt = hear(store, settings, feed, run)
    except Exception as error:
        return _failed(store, run, FeedResult(feed, "failed"), error)
    result = FeedResult(feed, attempt.status, attempt.cause, attempt.detail)
    return _ingested(store, settings, feed, run, result)


def _passed_over(store: Store, feed: str, run: Run, circuit: Circuit) -> FeedResult:
    """A feed that rests, journalled: every run leaves an outcome."""
    assert circuit.next_try_at is not None
    until = circuit.next_try_at.isoformat(timespec="seconds")
    result = FeedResult(
        feed, "skipped", RESTING, f"{circuit.failures} runs in a row failed; it is asked again from {until}"
    )
    with suppress(OSError):
        _note(store, run, result)
    return result


def _note(store: Store, run: Run, result: FeedResult) -> None:
    now = run.now()
    store.landing.note_attempt(
        result.feed,
        run_id=run.run_id,
        started_at=now,
        ended_at=now,
        status=result.status,
        cause=result.cause,
        detail=result.detail,
    )


def read_feed(store: Store, settings: Settings, feed: str, run: Run) -> FeedResult:
    """Read what has landed from a feed into the lake, without asking the feed for more."""
    return _ingested(store, settings, feed, run, FeedResult(feed, "ok"))


def _ingested(store: Store, settings: Settings, feed: str, run: Run, result: FeedResult) -> FeedResult:
    try:
        result.ingested = ingest_feed(store, settings, feed, run)
    except Exception as error:
        return _failed(store, run, result, error)
    return result


def _failed(store: Store, run: Run, result: FeedResult, error: Exception) -> FeedResult:
    """The feed's failure, journalled. A fault in one connector must not take the others with it (fault O12).

    The message of a fault may hold what the delivery held, so only its kind and its place in our code are kept;
    of the operating system's own faults what the system says.
    """
    result.status = "failed"
    if isinstance(error, TookTooLong):
        result.cause = "timeout"
        result.detail = "not heard within its deadline; the others went on, a later run asks again"
    else:
        result.cause = "disk_fault" if isinstance(error, OSError) else "connector_fault"
        result.detail = named(error)
    with suppress(OSError):  # a full disk takes no journal line either; the answer of this run still tells of it
        _note(store, run, result)
    return result


def named(error: Exception) -> str:
    """A fault in words without payload: our own messages whole; else its kind, what the system said, and where."""
    from warehouse.build import CheckFailed
    from warehouse.lake import LakeError

    if isinstance(error, LakeError | CheckFailed):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = f": {error.strerror}" if isinstance(error, OSError) else ""
    return f"{type(error).__name__}{said} at {Path(where.filename).name}:{where.lineno}"


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
) -> PictureResult:
    """Build the tables as of ``moment`` (UTC) and publish the sheet. The last good sheet stands where this fails.

    A picture of the past (``is_past``) or of a part (``cut``) is built in a database of its own, so that the
    analysts' stays today's, and a part is published in a folder of its own below ``published/``. ``database`` names
    another file to build, for who does not hold the writer's lock. ``again`` makes the picture of ``moment`` from what
    is recorded of it (pictures.py), to the minute; ``result.verdict`` says whether it is the one that was published.
    """
    from flows.config_tables import config_tables
    from warehouse.build import BuildInputs, build
    from warehouse.contract import LAKE_TABLES
    from warehouse.lake import LakeError
    from warehouse.present import present_of
    from warehouse.publish import publish, published_moments

    result = PictureResult(moment=moment)
    part = cut if cut and not cut.is_whole else None
    database = database or (store.part_database if part else store.past_database if is_past else store.database)
    try:
        run.progress("the picture: checking the lake's files")
        manifest = store.lake.manifest()
        if faults := store.lake.verify(manifest):
            raise LakeError("the lake is damaged: " + "; ".join(faults[:5]))
        run.progress("the picture: building the tables")
        before = previous_moment(store, settings, moment)
        used = settings_of(settings, part) if part else settings
        config = config_tables(used, moment, before)
        files = {table: lake_files(store, table, manifest, used if part else None) for table in LAKE_TABLES}
        made_from = as_it_was(store, settings, run, moment, config) if again else None
        if made_from is not None:
            config, files = made_from.config, made_from.files
            result.moment = moment = made_from.record.moment_at if made_from.record else moment
        heard_to = store.landing.last_seq()
        built = build(
            BuildInputs(
                lake_files=files,
                config=config,
                attempts=made_from.attempts if made_from else store.landing.attempt_table(heard_to),
                moment=moment,
                scope=part.scope() if part else None,
                present=None if part or made_from else present_of(store.lake, manifest, moment, before, used.timezone),
            ),
            database,
        )
        result.warnings = [str(warning) for warning in built.warnings]
        run.progress("the picture: publishing")
        folder = store.published / part.name if part else store.published
        if made_from and made_from.record and moment in published_moments(folder):
            folder /= "again"  # beside the one that was published, whatever comes of it
        told = languages or (made_from and made_from.languages) or [settings.language]
        published = publish(database, folder, told)
        result.warnings += [
            f"beside the sheet, {kind} is missing: {fault}" for kind, fault in published.incomplete.items()
        ]
        if made_from is not None:
            result.verdict = made_from.verdict(published.picture_hash)
        elif not (is_past or part or published.is_degraded):
            _record(store, config, told, manifest, heard_to, published.picture_hash, result)
    except Exception as error:
        result.fault = named(error)
        return result
    if not (is_past or part or made_from) and database == store.database:
        _snapshot(store, run, manifest, published.picture_hash, result)
    result.sheet, result.picture_json = published.sheet, published.picture_json
    result.sheets = published.sheets
    result.picture_hash, result.is_minimal = published.picture_hash, published.is_degraded
    return result


def _record(
    store: Store,
    config: dict[str, Any],
    languages: Sequence[str],
    manifest: Manifest,
    heard_to: int,
    picture_hash: str,
    result: PictureResult,
) -> None:
    """Write down what the sheet was made from. The sheet is out whatever comes of that."""
    try:
        record_picture(store, config, languages, manifest, heard_to, picture_hash)
    except OSError as error:
        result.warnings.append(f"the picture is not recorded, it cannot be proved later: {named(error)}")


def _snapshot(store: Store, run: Run, manifest: Manifest, picture_hash: str, result: PictureResult) -> None:
    """The analysts' copy, after the sheet: it follows the whole history, and the sheet is out whatever comes of it."""
    from flows.snapshots import is_due, make

    try:
        if not is_due(store, manifest, run.now()):
            run.progress("the analysts' snapshot: stands as it is until the night, the lake is large")
            return
        run.progress("the analysts' snapshot: copying the tables")
        make(store, run, manifest, picture_hash)
    except Exception as error:
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
    from warehouse.publish import published_moments

    seen_by = last_meeting(settings, moment)
    # The folder may have been tidied, and a sheet that fell back on the plain page is not recorded: either will do.
    known = {*published_moments(store.published), *(record.moment_at for record in records(store))}
    return max((at for at in known if at <= seen_by and at < moment), default=yesterday)


def last_meeting(settings: Settings, moment: datetime) -> datetime:
    """When the last meeting before ``moment`` (UTC) had begun by: the sheet's hour plus MEETING_AFTER, local time."""
    from connectors.times import to_utc

    local_day = moment.astimezone(settings.timezone).date()
    for day in (local_day, local_day - timedelta(days=1)):
        begun = to_utc(datetime.combine(day, settings.morning), settings.timezone).instant + MEETING_AFTER
        if begun <= moment:
            return begun
    return begun - timedelta(days=1)


def keep_house(store: Store, settings: Settings, run: Run, result: RunResult) -> None:
    """Erase the texts whose time is out, and tell ``result``. A fault here must not keep the sheet from coming out."""
    from flows.erasing import erase_withdrawn_texts

    try:
        result.erased_texts = erase_withdrawn_texts(store, settings, run)["notes"]
    except Exception as error:
        result.housekeeping_fault = named(error)


def run_all(store: Store, settings: Settings, run: Run, *, languages: Sequence[str] | None = None) -> RunResult:
    """All feeds, the erasures that are due, then the picture as of now."""
    result = RunResult(run.run_id)
    result.feeds = [collect_feed(store, settings, feed, run) for feed in settings.feeds]
    keep_house(store, settings, run, result)
    result.picture = make_picture(store, settings, run, run.now(), languages)
    return result
