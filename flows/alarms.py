"""What is worth telling somebody: a pure function from what a run came to, and how the feeds are, to alarms.

An alarm is made of settings, counts, times and our own words. What a partner wrote is in none. Whether an alarm was
told already is not decided here (``alarm_outbox.py``), nor who gets it (``alarms.toml``), nor how
(``alarm_senders.py``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

from flows.circuit import FILES_WAIT
from warehouse.publish.formats import Formats
from warehouse.publish.words import words

if TYPE_CHECKING:
    from flows.results import RunResult
    from flows.settings import Settings

Kind = Literal[
    "sheet_out",
    "sheet_degraded",
    "feed_late",
    "feed_lost",
    "feed_never",
    "feed_few",
    "feed_back",
    "quarantine_grew",
    "no_sheet",
    "status",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: A feed that nothing is heard from. At most one of them holds of a feed; when none does any more, it is back.
SILENT: frozenset[str] = frozenset({"feed_late", "feed_lost", "feed_never"})


@dataclass(frozen=True)
class Alarm:
    """One thing to tell. The same ``kind`` and ``subject`` with the same ``state`` is the same alarm."""

    kind: str
    subject: str  # a feed's id; empty where it is about the sheet
    state: str  # what makes it another alarm, told at once
    title: str
    lines: tuple[str, ...] = ()
    grows: int | None = None  # told only where this is more than when it was told last
    repeats: bool = True  # told again after a day where it still holds
    tlp: str | None = None  # the label of what ``lines`` hold; None where they hold no number of the picture's
    without: str = ""  # the line that stands in where ``tlp`` is too strict for the receiver

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


@cache
def _texts(language: str) -> dict[str, str]:
    with Path(__file__).with_name("alarm_words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row[language] for row in csv.DictReader(lines)}


@dataclass(frozen=True)
class Voice:
    """What every message is worded by. It stands by itself: settings with faults still leave a name and a language."""

    town: str
    language: str
    timezone: tzinfo
    now: datetime  # UTC

    @property
    def formats(self) -> Formats:
        return Formats(self.language, cast(ZoneInfo, self.timezone))

    def fill(self, key: str, **values: Any) -> str:
        """The text of ``key`` with its places filled; raises KeyError for one that is missing."""
        shown = {name: str(value) for name, value in values.items()}
        return _texts(self.language)[key].format(town=self.town, **shown)

    def moment(self, at: datetime) -> str:
        return self.formats.moment(at.isoformat(), self.now.astimezone(self.timezone).date())

    def no_sheet(
        self, newest: datetime | None, *, is_made_now: bool, is_emergency: bool = False, why: str = "no_sheet.why"
    ) -> Alarm:
        """There was no sheet when there should have been; ``newest`` is the last good one's moment (UTC).

        ``is_emergency``: a page that says what is known stands in its place. ``why`` is the text that says who knows.

        Why is not said: a fault's own words may name a report, and a message cannot be called back.
        """
        local = self.now.astimezone(self.timezone)
        if is_made_now:
            lines = [self.fill("no_sheet.made")]
        elif newest:
            lines = [self.fill("no_sheet.none", newest=self.moment(newest))]
        else:
            lines = [self.fill("no_sheet.never")]
        if is_emergency:
            lines.append(self.fill("no_sheet.emergency"))
        if not is_made_now:
            lines.append(self.fill(why))
        title = self.fill("no_sheet.title", clock=self.formats.time(local))
        state = f"{local.date()} {'made' if is_made_now else 'none'}"
        return Alarm("no_sheet", "", state, title, (*lines, self.fill("see_status")))


@dataclass(frozen=True)
class Teller:
    """What every alarm needs: the municipality's settings, its language and the moment it is told."""

    settings: Settings
    now: datetime  # UTC

    @property
    def voice(self) -> Voice:
        own = self.settings
        return Voice(own.municipality.name, own.language, own.timezone, self.now)

    @property
    def formats(self) -> Formats:
        return self.voice.formats

    def fill(self, key: str, **values: Any) -> str:
        """As ``Voice.fill``."""
        return self.voice.fill(key, **values)

    def title_of(self, feed: str) -> str:
        return str(getattr(self.settings.feeds[feed], f"title_{self.settings.language}"))

    def cause(self, cause: str | None) -> str:
        """A failure's word as the sheet says it; one of the house's words as it stands where no text is written."""
        return str(words(self.settings.language).known("cause", cause or "–"))

    def moment(self, at: datetime) -> str:
        return self.voice.moment(at)

    def feed_alarms(self, rows: Sequence[dict[str, Any]]) -> list[Alarm]:
        """Of each feed (rows as ``health.feed_rows`` gives them): is it silent, says it little, is any held back."""
        alarms = []
        for row in rows:
            feed = self.settings.feeds[row["feed"]]
            title = self.title_of(feed.feed)
            alarms += [alarm for alarm in (self._never(row), self._few(row)) if alarm]
            if row["state"] in ("late", "down"):
                heard = self.moment(row["last_received"])
                tried = [self.fill("feed.cause", cause=self.cause(row["last_cause"]))] if row.get("last_cause") else []
                hours = self.formats.number
                if row["state"] == "late":
                    line = self.fill(
                        "feed_late.line", heard=heard, every=hours(feed.every_hours), late=hours(feed.late_after_hours)
                    )
                    alarms.append(self._feed_alarm("feed_late", feed.feed, "late", title, [line, *tried]))
                else:
                    line = self.fill(
                        "feed_lost.line", heard=heard, down=hours(feed.down_after_hours), owner=feed.owner_org
                    )
                    lost = feed.loss_after_hours is not None and row["hours_silent"] > feed.loss_after_hours
                    if feed.loss_after_hours is not None:
                        tried.append(self.fill("feed_lost.loss", loss=hours(feed.loss_after_hours)))
                    state = "lost" if lost else "down"
                    alarms.append(self._feed_alarm("feed_lost", feed.feed, state, title, [line, *tried]))
            count = row.get("quarantined") or 0
            line = self.fill("quarantine_grew.line", count=count, id=feed.feed)
            said = self.fill("quarantine_grew.title", feed=title)
            alarms.append(Alarm("quarantine_grew", feed.feed, "", said, (line,), grows=count))
        return alarms

    def _never(self, row: dict[str, Any]) -> Alarm | None:
        """A feed that was listened to for as long as would make it late, and was never heard.

        Counted from when it was first asked here, or from when its expectations were decided: a feed nobody had set
        up yet is not late. Told once: that nobody sends it yet is no news the day after, and the morning mail says so.
        """
        feed, since = self.settings.feeds[row["feed"]], row.get("listening_since")
        if row["state"] != "never heard" or since is None:
            return None
        decided = datetime.combine(feed.expected_decided, time(), self.settings.timezone).astimezone(UTC)
        since = max(since, decided)
        if (self.now - since) / timedelta(hours=1) <= feed.late_after_hours:
            return None
        hours = self.formats.number(feed.late_after_hours)
        line = self.fill("feed_never.line", since=self.moment(since), late=hours, owner=feed.owner_org)
        cause = [self.fill("feed.cause", cause=self.cause(row["last_cause"]))] if row.get("last_cause") else []
        alarm = self._feed_alarm("feed_never", feed.feed, "never", self.title_of(feed.feed), [line, *cause])
        return replace(alarm, repeats=False)

    def _few(self, row: dict[str, Any]) -> Alarm | None:
        """A feed that was heard, with fewer records than are expected of it in a day: as ``is_below_expected`` of the
        sheet (core.feed_state). Told once a local day."""
        feed, count = self.settings.feeds[row["feed"]], row.get("accepted_last_day") or 0
        is_daily = row.get("hours_silent", 25) <= 24 and feed.every_hours <= 24
        if not is_daily or feed.expected_low is None or count >= feed.expected_low:
            return None
        number = self.formats.number
        line = self.fill("feed_few.line", count=number(count), low=number(feed.expected_low), owner=feed.owner_org)
        day = self.now.astimezone(self.settings.timezone).date().isoformat()
        return replace(self._feed_alarm("feed_few", feed.feed, day, self.title_of(feed.feed), [line]), repeats=False)

    def back_alarms(self, rows: Sequence[dict[str, Any]], told: Mapping[str, Mapping[str, Any]]) -> list[Alarm]:
        """Of each feed that is heard again after its silence was told (``told`` as the outbox keeps it)."""
        alarms = []
        for row in rows:
            at = [one["at"] for kind in SILENT if (one := told.get(f"{kind}:{row['feed']}"))]
            if row["state"] == "fresh" and at:
                line = self.fill("feed_back.line", heard=self.moment(row["last_received"]))
                alarm = self._feed_alarm("feed_back", row["feed"], max(at), self.title_of(row["feed"]), [line])
                alarms.append(replace(alarm, repeats=False))
        return alarms

    def _feed_alarm(self, kind: Kind, feed: str, state: str, title: str, lines: list[str]) -> Alarm:
        return Alarm(kind, feed, state, self.fill(f"{kind}.title", feed=title), (*lines, self.fill("see_status")))

    def sheet_out(self, moment: datetime, lines: Sequence[str], sheet: str, tlp: str, chain: str = "") -> Alarm:
        """The day's sheet (of ``moment``, UTC) is out: its five lines and the file's name. Told once a day.

        ``chain`` is the code printed at its foot: sent away, nobody here can change what it stands for.
        """
        day = moment.astimezone(self.settings.timezone).date()
        return Alarm(
            "sheet_out",
            "",
            day.isoformat(),
            self.fill("sheet_out.title", day=self.formats.day(day)),
            (
                *lines,
                self.fill("sheet_out.file", file=sheet),
                *((self.fill("sheet_out.chain", code=chain),) if chain else ()),
            ),
            repeats=False,
            tlp=tlp,
            without=self.fill("sheet_out.stricter", tlp=tlp),
        )

    def degraded(self, result: RunResult) -> list[Alarm]:
        """The sheet came out, and what is missing in it; nothing where nothing is, or where no sheet came out."""
        if result.picture is None or result.picture.sheet is None:
            return []
        states, lines = [], []
        for feed in result.feeds:
            title = self.title_of(feed.feed)
            if feed.status in ("failed", "skipped"):
                states.append(f"{feed.feed}={feed.cause}")
                lines.append(self.fill("sheet_degraded.failed", feed=title, cause=self.cause(feed.cause)))
                continue
            if feed.cause == FILES_WAIT:
                states.append(f"{feed.feed}={feed.cause}")
                lines.append(self.fill("sheet_degraded.waiting", feed=title))
            if feed.ingested and feed.ingested.quarantined:
                states.append(f"{feed.feed}=quarantined")
                count = feed.ingested.quarantined
                lines.append(self.fill("sheet_degraded.quarantined", feed=title, count=count))
        for is_so, word in (
            (result.picture.is_minimal, "minimal"),
            (result.housekeeping_fault is not None, "housekeeping"),
        ):
            if is_so:
                states.append(word)
                lines.append(self.fill(f"sheet_degraded.{word}"))
        if result.picture.notice:
            states.append("notice")
            lines.append(result.picture.notice)
        if not lines:
            return []
        said = (*lines, self.fill("see_status"))
        return [Alarm("sheet_degraded", "", ",".join(sorted(states)), self.fill("sheet_degraded.title"), said)]
