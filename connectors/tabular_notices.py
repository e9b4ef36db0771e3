"""What is worth knowing of a table as a whole: new columns, odd encodings, a header and nothing below it."""

from __future__ import annotations

from typing import Any

from connectors.kit import Delivery, notice_row
from connectors.tabular import Tabular, column_label


def table_notices(delivery: Delivery, table: Tabular) -> list[dict[str, Any]]:
    """The notices of the table as a whole."""
    rows = [
        notice_row(
            delivery, one.notice, field=None, detail=one.detail, record_count=one.count, first_record_number=None
        )
        for one in table.notices
    ]
    rows += [
        notice_row(
            delivery,
            "new_column",
            field=None,
            detail=column_label(place, header),
            record_count=len(table.columns),
            first_record_number=None,
        )
        for place, header in table.new_columns
    ]
    if table.record_count == 0:
        word = "empty_file" if table.is_empty_file else "header_only"
        rows.append(
            notice_row(delivery, word, field=None, detail="inget har hänt", record_count=0, first_record_number=None)
        )
    return rows
