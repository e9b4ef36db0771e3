"""Eight questions analysts ask, over all versions: in the house's tables and in the rivals' own."""

from __future__ import annotations

_AT = "TIMESTAMPTZ '2026-09-25 06:00:00+02'"

#: Name → SQL over the picture's database.
OURS = {
    "area_by_month": """SELECT area_id, date_trunc('month', local_day) AS month, count(*) FROM core.report
        WHERE counts_as = 'incident' GROUP BY ALL""",
    "weekday_hour": """SELECT category, local_weekday, local_hour, count(*) FROM core.report
        WHERE local_hour IS NOT NULL GROUP BY ALL""",
    "as_of": f"SELECT category, count(*) FROM core.as_of({_AT}) WHERE change_kind <> 'withdrawn' GROUP BY ALL",
    "versions_by_month": """SELECT source_id, date_trunc('month', ingested_at) AS month, count(*),
        count(*) FILTER (version > 1) FROM core.report_version GROUP BY ALL""",
    "top_places": """SELECT place_id, count(*) AS n FROM core.report
        WHERE place_id IS NOT NULL AND event_at >= TIMESTAMPTZ '2025-10-16' GROUP BY ALL ORDER BY n DESC LIMIT 20""",
    "days_to_close": """SELECT area_id, median(date_diff('hour', first_seen_at, ingested_at)) FROM core.report
        WHERE status = 'closed' GROUP BY ALL""",
    "late_corrections": """SELECT source_id, count(*) FILTER (ingested_at > first_seen_at + INTERVAL 7 DAYS), count(*)
        FROM core.report_version WHERE version > 1 GROUP BY ALL""",
    "severe_last_year": """SELECT source_id, category, count(*) FROM core.report
        WHERE severity >= 4 AND event_at >= TIMESTAMPTZ '2025-10-16' GROUP BY ALL""",
}

_CURRENT = (
    "(SELECT * FROM version QUALIFY row_number() OVER (PARTITION BY source_id, source_key ORDER BY version DESC) = 1)"
)
_EVENT = "coalesce(occurred_from, reported_at)"
_LOCAL = "AT TIME ZONE 'Europe/Stockholm'"

#: Name → SQL over the rival's table ``version``, one row per version.
RIVAL = {
    "area_by_month": f"""SELECT area_id, date_trunc('month', ({_EVENT} {_LOCAL})::DATE) AS month, count(*)
        FROM {_CURRENT} WHERE counts_as = 'incident' GROUP BY ALL""",
    "weekday_hour": f"""SELECT category, isodow(occurred_from {_LOCAL}), hour(occurred_from {_LOCAL}), count(*)
        FROM {_CURRENT} WHERE occurred_from IS NOT NULL GROUP BY ALL""",
    "as_of": f"""SELECT category, count(*) FROM (SELECT * FROM version WHERE ingested_at <= {_AT}
        QUALIFY row_number() OVER (PARTITION BY source_id, source_key ORDER BY version DESC) = 1) GROUP BY ALL""",
    "versions_by_month": """SELECT source_id, date_trunc('month', ingested_at) AS month, count(*),
        count(*) FILTER (version > 1) FROM version GROUP BY ALL""",
    "top_places": f"""SELECT place_id, count(*) AS n FROM {_CURRENT}
        WHERE place_id IS NOT NULL AND {_EVENT} >= TIMESTAMPTZ '2025-10-16' GROUP BY ALL ORDER BY n DESC LIMIT 20""",
    "days_to_close": f"""SELECT area_id, median(date_diff('hour', f.first_at, c.ingested_at)) FROM {_CURRENT} AS c
        JOIN (SELECT source_id, source_key, min(ingested_at) AS first_at FROM version GROUP BY ALL) AS f
            USING (source_id, source_key)
        WHERE status = 'closed' GROUP BY ALL""",
    "late_corrections": """SELECT source_id, count(*) FILTER (ingested_at > first_at + INTERVAL 7 DAYS), count(*)
        FROM version JOIN (SELECT source_id, source_key, min(ingested_at) AS first_at FROM version GROUP BY ALL)
            USING (source_id, source_key)
        WHERE version > 1 GROUP BY ALL""",
    "severe_last_year": f"""SELECT source_id, category, count(*) FROM {_CURRENT}
        WHERE severity >= 4 AND {_EVENT} >= TIMESTAMPTZ '2025-10-16' GROUP BY ALL""",
}
