"""A morning on which every free text of the made-up town is an attack on the page it is printed on."""

from __future__ import annotations

from collections.abc import Iterable

from tests.warehouse.publish.made_up_picture import ordinary
from tests.warehouse.publish.made_up_rows import Rows

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x.png onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "<!--",
    ']]><![CDATA[<a href="javascript:alert(1)">',
    "abc\u202egnp.exe\u2066\u200b\x00\x1b[31m",
    "Z" + "\u0301" * 60,
    "background:url(https://evil.example/)",
    "&lt;b&gt;&#60;i&#62;",
]
#: Texts that are not read as words of a fixed list anywhere.
_FREE = (
    "municipality_name",
    "picture_number",
    "title_sv",
    "title_en",
    "owner_org",
    "last_cause",
    "sentence_sv",
    "sentence_en",
    "area_name",
    "reason_sv",
    "reason_en",
    "time_label_sv",
    "time_label_en",
    "place_label",
    "category_sv",
    "category_en",
    "source_titles",
    "note_public",
    "action_taken",
    "action_sv",
    "action_en",
    "text_sv",
    "text_en",
    "place_name",
    "window_label_sv",
    "window_label_en",
    "open_fault_categories_sv",
    "open_fault_categories_en",
    "sql",
    "geometry_geojson",
    "report_id",
    "place_id",
    "source_id",
    "category",
    "problem",
    "outcome",
    "owner_name",
    "title_sv",
    "title_en",
    "task_sv",
    "task_en",
    "question_sv",
    "question_en",
    "asker_name",
    "asked_name",
    "reason_text",
    "label_sv",
    "label_en",
    "earlier_number",
    "entry_id",
    "event_sv",
    "event_en",
    "warned_area_sv",
    "warned_area_en",
    "area_names",
    "finding",
    "measure",
)


def hostile(texts: Iterable[str] = HOSTILE) -> Rows:
    """The ordinary picture with an attack in every free text there is, a new one in each."""
    attacks = list(texts)
    rows = ordinary()
    turn = 0
    for table, listed in rows.items():
        for n, row in enumerate(listed):
            for column in row:
                keeps_outline = column == "geometry_geojson" and n % 2
                if column == "area_id" and row[column] is not None:
                    # The same hostile id in every table, or areas would lose their numbers.
                    row[column] += attacks[int(row[column].removeprefix("area-")) % len(attacks)]
                elif column in _FREE and not keeps_outline and not (column == "category" and row[column] is None):
                    row[column] = attacks[turn % len(attacks)]
                    turn += 1
            if table == "query" and n % 2:
                row["query_id"] = f"{attacks[turn % len(attacks)]}{n}"
    rows["source"][0]["query_id"] = HOSTILE[1]
    return rows


#: Every kind of morning by name.
