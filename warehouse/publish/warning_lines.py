"""What is out, as ready lines: VMA for the top of the sheet, SMHI's warnings for section 7. Nothing here knows HTML."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.publish.sections import Row, Writer

#: Messages at the top of the front page; a municipality seldom has two at once. Tried in print, 2026-11-26.
ALERTS_IN_FRONT = 2


def alerts(writer: Writer) -> list[Row]:
    """VMA that stands: what it is about, for whom, what to do, since when and until when."""
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["alert"]:
        advice = [w.known("advice", code) for code in (row["alert_advice"] or "").split(",") if code]
        severity = row["alert_severity"]
        rest = [
            row["warned_area_sv"] or w["alert.no_area"],
            *advice,
            w.fill("alert.sent", when=f.moment(row["sent_at"], writer.today)) if row["sent_at"] else None,
            w.fill("alert.until", when=f.moment(row["expires_at"], writer.today)) if row["expires_at"] else None,
            w.known("alert_severity", severity) if severity and severity != "unknown" else None,
        ]
        topic = w.known("alert_topic", row["alert_topic"]) if row["alert_topic"] else None
        word = w["alert.new" if row["is_new"] else "alert.stands"]
        lines.append(line(row, word, topic or w["alert.no_topic"], rest, "gap"))
    return lines


def warning_lines(writer: Writer) -> list[Row]:
    """How it stands with warnings and VMA, always; then each weather warning, gravest first."""
    f, w = writer.formats, writer.words
    lines = [_how_it_stands(writer)]
    for row in writer.picture["warning"]:
        level = row["warning_level"]
        where = f.pick(row, "warned_area")
        rest = [
            w["warning.new"] if row["is_new"] else None,
            _when(writer, row),
            row["area_names"] or (None if row["reach"] == "kommun" else w["warning.county"]),
            where,
        ]
        event = f.pick(row, "event") or w["warning.no_event"]
        lines.append(line(row, w[f"warning.{level or 'unknown'}"], event, rest, level or "unknown"))
    return lines


def ended_early(writer: Writer) -> list[tuple[str, str | None]]:
    """A part of section 7's lead where warnings were taken back before they had run out."""
    count = writer.picture["warning_total"]["ended_early_count"]
    if not count:
        return []
    return [(writer.words.fill("warning.ended_early", count=writer.formats.number(count)), "7.3")]


def alert_state(writer: Writer) -> str:
    """Whether any VMA stands, in a few words; unknown where the source is not heard."""
    f, w, count = writer.formats, writer.words, writer.picture["warning_total"]["alert_count"]
    if count is None:
        return w["alert.unknown"]
    return w.fill("alert.count", count=f.number(count)) if count else w["alert.none"]


def _how_it_stands(writer: Writer) -> Row:
    f, w, count = writer.formats, writer.words, writer.picture["warning_total"]["warning_count"]
    if count is None:
        what = w["warning.not_known"]
    else:
        what = w.fill("warning.count", count=f.number(count)) if count else w["warning.none"]
    stale = [
        w.fill("register.stale", register=w[f"register.{one['register']}"], when=f.moment(heard, writer.today))
        for one in writer.picture["register"]
        if one["register"] in ("weather_warning", "public_alert")
        and one["status"] in ("late", "down")
        and (heard := one["last_received_at"])
    ]
    told = line({"query_id": "7.2"}, w["warning.mark"], what, stale, "plain" if count is not None else "unknown")
    return told | {"reason": alert_state(writer), "because_id": "0.5"}


def _when(writer: Writer, row: Row) -> str:
    f, w = writer.formats, writer.words
    until = f.moment(row["warned_until"], writer.today) if row["warned_until"] else None
    if row["is_now"]:
        return w.fill("warning.now_until", until=until) if until else w["warning.now"]
    start = f.moment(row["warned_from"], writer.today)
    return w.fill("warning.from_until", start=start, until=until) if until else w.fill("warning.from", start=start)


def line(row: Row, mark: str, what: str, rest: Sequence[str | None], state: str) -> Row:
    """One line of the sections of the meeting: a mark, what it is about, and the rest of it."""
    return {
        "query_id": row["query_id"],
        "mark": mark,
        "what": what,
        "rest": " · ".join(str(part) for part in rest if part),
        "state": state,
        "reason": None,
        "because_id": None,
    }
