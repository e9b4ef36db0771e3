"""VMA, important public announcements, from Sveriges Radio → entries of ``public_alert``. Terms, traps: SOURCE.md.

The message is an entry; what stands of several about one incident is worked out in SQL (core.public_alert). What a
message says stays in the landing zone: out of it come a topic and pieces of advice, by the words of ``words.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.http_rate import RateRules
from connectors.kit import Delivery, DeliveryError, FeedContext, Fetched, source_key
from connectors.normalised import Normalised
from connectors.pii import scrub
from connectors.registers import Doubts, Record, Told, instant_in, mapping_of, text_of, told_of, told_records
from connectors.strict_json import decode
from warehouse.contract import ALLOWED

if TYPE_CHECKING:
    from connectors.http import HttpClient

__all__ = ["check_options", "fetch", "normalise"]

#: Sveriges Radio states no limit that we know of. Ours: a call a minute at most, as its other readers do. 2026-11-26.
RULES = RateRules(min_interval_s=60, per_hour=60, per_day=1440)

#: Letters of an area's name that leave: three municipalities with their counties are 120. Decided 2026-11-26.
NAME_CAP = 160
#: Letters of a message that are looked through for words; the longest seen was 700.
TEXT_CAP = 5000
#: The source's numbers, of messages and of incidents: no name can be in them.
_NUMBER = re.compile(r"SR(?:CAP|VMA)\d{14}[A-Z]{0,3}")
#: How an area is coded: the country, a county or a municipality; longer ones lie in the municipality they begin with.
_CODE = re.compile(r"\d{2}(?:\d{2}\d{0,4})?")
COUNTRY = "00"

_ALERT_FIELDS = frozenset(
    {"identifier", "sender", "sent", "status", "msgType", "scope", "references", "incidents", "info", "source"}
    | {"restriction", "addresses", "code", "note"}
)


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in the feed's options: it has none to set."""
    return [f"{key}: unknown option; this kind has none" for key in sorted(options)]


def fetch(context: FeedContext, client: HttpClient, url: str, since: datetime | None) -> list[Fetched]:
    """All messages that stand, in one answer. Raises FeedDown from the client."""
    answer = client.get(url, rules=RULES, feed=context.feed, may_be_kept=True)
    name = f"alerts-{answer.received_at:%Y-%m-%dT%H%M%SZ}.json"
    return [Fetched(answer.body, answer.received_at, name, answer.media_type)]


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The messages as the deliveries tell them. Raises ValueError where options have faults.

    Each answer is whole: a message that it does not tell is over. An answer without a list of them, or of whose
    messages none can be read, is quarantined and ends nothing.
    """
    if faults := check_options(context.options):
        raise ValueError(f"feed {context.feed}: " + "; ".join(faults))
    return told_of("public_alert", deliveries, context, partial(_read, context=context), is_whole=True)


def _read(delivery: Delivery, context: FeedContext) -> Told:
    answer = decode(delivery.body())
    alerts = answer.get("alerts") if isinstance(answer, dict) else answer
    if not isinstance(alerts, list):
        raise DeliveryError("no_list", "the answer is JSON but holds no list of messages")
    return told_records(delivery, context, _records(alerts), partial(_entry, context=context))


def _records(alerts: list[Any]) -> Iterator[Record]:
    for alert in alerts:
        if isinstance(alert, dict):
            yield Record(_key(alert.get("identifier")), None, alert)
        else:
            yield Record(None, ("not_an_object", "alerts", "a message is no object"), None)


def _key(raw: Any) -> str | None:
    text = text_of(raw)
    if text is None:
        return None
    return text if _NUMBER.fullmatch(text) else source_key(text)


def _entry(alert: Mapping[str, Any], number: int, doubts: Doubts, context: FeedContext) -> dict[str, Any]:
    flags: set[str] = set()
    for unread in sorted(set(alert) - _ALERT_FIELDS):
        doubts.add("new_field", "alerts", number, word=unread)
    info = _info(alert.get("info"))
    kind = _word(alert, "msgType", "message_type", number, doubts, flags)
    areas = [one for one in _list(info.get("area")) if isinstance(one, dict)]
    codes = sorted({code for area in areas for code in _codes(area, number, doubts, flags)})
    named = ", ".join(filter(None, (text_of(area.get("areaDesc")) for area in areas)))
    text = " ".join(filter(None, (text_of(info.get(key)) for key in ("headline", "description", "instruction"))))
    topics, advice = (_said(column, text[:TEXT_CAP].lower()) for column in ("alert_topic", "alert_advice"))
    return {
        "incident_key": next((key for one in _words(alert.get("incidents")) if (key := _key(one))), None),
        "message_type": kind,
        # What the source's own test service sends is a test, whatever it calls itself.
        "alert_status": "test"
        if "testapi" in str(alert.get("sender", "")).lower()
        else _word(alert, "status", "alert_status", number, doubts, flags),
        "alert_severity": _word(info, "severity", "alert_severity", number, doubts, flags) if info else None,
        "alert_topic": topics[0] if topics else None,
        "alert_advice": ",".join(advice) or None,
        "warned_area_sv": scrub(named)[0][:NAME_CAP] or None,
        "reach": _reach(codes, context),
        "area_codes": ",".join(codes),
        "sent_at": instant_in(alert, "sent", number, doubts, flags),
        "expires_at": instant_in(info, "expires", number, doubts, flags),
        "refers_to": ",".join(sorted(_referred(alert.get("references")))) or None,
        "pii_flags": scrub(named)[1],
        "dq_flags": ",".join(sorted(flags)),
    }


def _info(raw: Any) -> Mapping[str, Any]:
    """The message's Swedish part, or the first where none says it is; a cancellation has none."""
    parts = [part for part in _list(raw) if isinstance(part, dict)]
    swedish = [part for part in parts if str(part.get("language", "")).lower().startswith("sv")]
    return next(iter(swedish or parts), {})


def _list(value: Any) -> list[Any]:
    """A list as it is; what stands alone where a list should be, as a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _words(value: Any) -> list[str]:
    """The words of a field that CAP writes as a text divided by blanks, and some servers as a list."""
    return [word for one in _list(value) if isinstance(one, str) for word in one.split()]


def _referred(value: Any) -> set[str]:
    """The numbers of the messages that one refers to: each is "sender,number,sent"."""
    parts = [word.split(",") for word in _words(value)]
    return {key for one in parts if (key := _key(one[1] if len(one) == 3 else one[0]))}


def _word(
    holder: Mapping[str, Any], name: str, column: str, number: int, doubts: Doubts, flags: set[str]
) -> str | None:
    told = text_of(holder.get(name))
    if told is not None and told.lower() in ALLOWED[column]:
        return told.lower()
    doubts.add("unmapped_word", name, number, word=told or "")
    flags.add(f"{column}_unknown")
    return None


def _codes(area: Mapping[str, Any], number: int, doubts: Doubts, flags: set[str]) -> Iterator[str]:
    for one in _list(area.get("geocode")):
        code = mapping_of(one).get("value")
        if isinstance(code, str) and _CODE.fullmatch(code.strip()):
            yield code.strip()
        else:
            doubts.add("value_unreadable", "geocode", number)
            flags.add("area_unreadable")


def _reach(codes: Sequence[str], context: FeedContext) -> str | None:
    """Whom the message is for; None where no area is told that can be read: it may well be for us."""
    town = context.municipality
    if any(code[:4] == town.code for code in codes):
        return "kommun"
    if town.county_code in codes:
        return "lan"
    if COUNTRY in codes:
        return "riket"
    return "annat" if codes else None


def _said(column: str, text: str) -> list[str]:
    """The codes whose words stand in a text in small letters, in the order of ``words.csv``."""
    return [code for code, pattern in _patterns()[column] if pattern.search(text)]


@cache
def _patterns() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["column"], []).append((row["code"], re.compile(rf"\b(?:{row['pattern']})")))
    return found
