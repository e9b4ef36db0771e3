"""A picture of a part: some areas only, or only what may be shown under a label.

The rest is left out of ``landed.*`` before anything is counted, so that every number, interval and rank of the
picture is of the part and of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.contract import REGISTER_COLUMNS

if TYPE_CHECKING:
    import duckdb

#: The tables of ``landed`` that are about single reports.
CONFINED = ("report_version", "note")

#: A report is in when no version known by the moment carries a stricter label, and, where areas are asked for, when
#: it lies in one of them as last told. What names no area is in none of them, and so is a sensitive report, of which
#: the municipality is the finest that may be told (fail_sensitive_too_fine).
_IN_SCOPE = """
CREATE OR REPLACE TABLE landed.scope AS
SELECT v.report_id
FROM ({versions}) AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at
GROUP BY v.report_id
HAVING bool_and(list_contains($labels, v.tlp))
    AND (len($areas) = 0 OR list_contains(
        $areas, arg_max(coalesce(v.area_id, '-'), v.version) FILTER (v.change_kind <> 'withdrawn')))
"""


@dataclass(frozen=True)
class Scope:
    """``areas``: the ids of the areas asked for, none for all of them. ``labels``: the TLP labels that may be shown."""

    areas: Sequence[str]
    labels: Sequence[str]


#: The same of a register's entries; one that names no area (a school holiday) is in every area's picture.
_ENTRY_IN_SCOPE = """
CREATE OR REPLACE TABLE landed.scope_{register} AS
SELECT v.entry_id
FROM ({versions}) AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at
GROUP BY v.entry_id
HAVING bool_and(list_contains($labels, v.tlp))
    AND (len($areas) = 0 OR coalesce(list_contains($areas, arg_max({area}, v.version)), TRUE))
"""


def find_register_scope(con: duckdb.DuckDBPyConnection, scope: Scope, register: str, versions: str) -> None:
    """Make ``landed.scope_<register>``, the entries a picture of ``scope`` may use, from the query ``versions``."""
    has_area = "area_id" in (name for name, _ in REGISTER_COLUMNS[register])
    query = _ENTRY_IN_SCOPE.format(register=register, versions=versions, area="v.area_id" if has_area else "NULL")
    con.execute(query, {"areas": list(scope.areas), "labels": list(scope.labels)})
    con.execute(f"COMMENT ON TABLE landed.scope_{register} IS 'One row per entry this picture of a part may use.'")


def find_scope(con: duckdb.DuckDBPyConnection, scope: Scope, versions: str) -> None:
    """Make ``landed.scope``, the reports a picture of ``scope`` may use, from the query ``versions``."""
    con.execute(_IN_SCOPE.format(versions=versions), {"areas": list(scope.areas), "labels": list(scope.labels)})
    con.execute("COMMENT ON TABLE landed.scope IS 'One row per report that this picture of a part may use.'")
