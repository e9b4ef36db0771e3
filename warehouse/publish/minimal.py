"""The plain page: the same picture without template, style or drawing, for the morning the sheet fails to render.

It uses nothing the sheet uses but the words, and takes a missing row or column as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from warehouse.publish.formats import UNKNOWN, visible
from warehouse.publish.words import words

#: The sections in the sheet's order: number, heading, table, columns.
_SECTIONS = tuple(
    (number, heading, table, tuple(columns.split()))
    for number, heading, table, columns in (
        ("0", "section.vma", "alert", "alert_topic warned_area_sv alert_advice sent_at expires_at"),
        (
            "1",
            "section.1",
            "source",
            "title_* status last_received_at seen_count accepted_count rejected_count last_cause",
        ),
        ("2", "section.2", "summary", "sentence_* number normal_low normal_high trend"),
        ("2", "section.areas", "area_status", "area_name proposed_status reason_* incident_7d_count"),
        ("4", "section.4", "event", "category_* severity occurred_from place_label source_titles change_kind"),
        ("5", "section.5", "deviation", "area_name category_* count normal_low normal_high q_value verdict"),
        ("6", "section.6", "focus_place", "place_name area_name count_7d count_28d persistence open_fault_count"),
        ("7", "section.7", "warning", "warning_level event_* warned_area_* area_names warned_from warned_until"),
    )
)


def render_minimal(picture: Mapping[str, Any], language: str = "sv") -> str:
    """Return a plain HTML page of the picture's sections; times stay in UTC as in ``picture.json``.

    Raises ValueError for a language that is neither 'sv' nor 'en'; nothing else, whatever the picture holds.
    """
    w = words(language)
    head = _mapping(picture.get("head"))
    title = f"{w['title']} {_text(head.get('municipality_name'))}"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{language}"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        "<style>body{font-family:sans-serif;margin:1rem}table{border-collapse:collapse}"
        "td,th{border:1px solid #666;padding:.2rem .4rem;text-align:left;vertical-align:top}"
        "div{overflow-x:auto}</style></head><body><main>",
        f"<h1>{title}</h1>",
        f"<p><strong>{_text(head.get('tlp'))}</strong> {escape(w['tlp.statement'])}</p>",
        f"<p><strong>{escape(w['minimal.banner'])}</strong></p>",
        "<dl>",
        *(
            f"<dt>{escape(w[key])}</dt><dd>{_text(value)}</dd>"
            for key, value in (
                ("head.moment", head.get("moment_at")),
                ("head.cutoff", head.get("data_cutoff_at")),
                ("head.valid", head.get("valid_until_at")),
                ("head.number", head.get("picture_number")),
                ("head.hash", picture.get("picture_hash")),
            )
        ),
        "</dl>",
    ]
    for number, heading, table, columns in _SECTIONS:
        parts.append(f"<h2>{number} {escape(w[heading])}</h2>")
        parts.append(_table(picture.get(table), [column.replace("*", language) for column in columns], w["none"]))
    parts.append(f"<p>{escape(w['footer.missing'])}</p></main></body></html>")
    return "\n".join(parts) + "\n"


def _table(rows: Any, columns: list[str], none: str) -> str:
    if not isinstance(rows, list) or not rows:
        return f"<p>{escape(none)}</p>"
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in ("query_id", *columns))
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(_mapping(row).get(column))}</td>" for column in ("query_id", *columns)) + "</tr>"
        for row in rows
    )
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _text(value: Any) -> str:
    return UNKNOWN if value is None else escape(visible(str(value)))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
