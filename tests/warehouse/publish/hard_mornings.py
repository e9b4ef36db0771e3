"""The made-up town on hard mornings: nothing at all, dead feeds, far too much, hostile text everywhere (beside it)."""

from __future__ import annotations

from tests.warehouse.publish.hostile_morning import hostile
from tests.warehouse.publish.made_up_meeting import no_meeting, vma_rows, walk_point, warning
from tests.warehouse.publish.made_up_picture import ordinary
from tests.warehouse.publish.made_up_rows import Rows, ago, gone, point


def empty_town() -> Rows:
    """The first morning: feeds configured and heard, nothing has ever happened, no areas drawn."""
    rows = ordinary()
    for table in (
        "area_status",
        "event",
        "deviation",
        "focus_place",
        "map_area",
        "map_point",
        "heat_watch",
        "heat_hour",
    ):
        rows[table] = []
    rows |= no_meeting("fresh")
    rows["query"] = []
    rows["earlier"], rows["gone"] = [{"earlier_at": None, "earlier_number": None, "is_first": True}], []
    rows["head"][0].update(
        previous_moment_at=None,
        history_from_day=None,
        incident_24h_count=0,
        current_report_count=0,
        without_place_count=0,
        located_count=0,
        data_cutoff_at=None,
        is_incomplete_night=False,
        night_published_percent=None,
        is_night_ceiling=False,
    )
    for row in rows["source"]:
        row.update(status="fresh", seen_count=0, accepted_count=0, rejected_count=0, duplicate_count=0, last_cause=None)
    for row in rows["summary"]:
        row.update(
            number=0,
            normal_low=None,
            normal_high=None,
            trend="unknown",
            sentence_sv="0 händelser.",
            sentence_en="0 incidents.",
        )
    for table in ("event_total", "map_total", "heat_total", "deviation_total"):
        rows[table] = [{k: 0 if k.endswith("_count") else v for k, v in rows[table][0].items()}]
    rows["deviation_total"][0].update(
        baseline="too_short", text_sv="För få händelser för slutsats.", text_en="Too few incidents to conclude."
    )
    rows["heat_total"][0].update(from_day=None, until_day=None)
    return rows


def dead_feeds() -> Rows:
    """Every feed is silent: the page is about what is not known."""
    rows = ordinary() | no_meeting("never")
    for n, row in enumerate(rows["source"]):
        if n < 3:
            row.update(
                status="down", last_received_at=ago(130), hours_silent=130.0, last_cause=["dns", "auth", "http_503"][n]
            )
        else:
            row.update(status="never", last_received_at=None, last_event_at=None, hours_silent=None)
        row.update(
            seen_count=None, accepted_count=None, rejected_count=None, duplicate_count=None, quarantined_count=None
        )
    for row in rows["summary"]:
        row.update(
            number=None,
            normal_low=None,
            normal_high=None,
            trend="unknown",
            sentence_sv="Antalet är okänt: ingen källa har hörts.",
            sentence_en="Unknown: no source was heard.",
        )
    for table in ("event", "deviation", "focus_place", "map_point"):
        rows[table] = []
    for row in rows["gone"]:
        row.update(count=None, normal_low=None, normal_high=None, gone_reason="untested")
    for row in rows["area_status"] + rows["map_area"]:
        row.update(proposed_status="okand", incident_7d_count=None)
    for row in rows["area_status"]:
        row.update(reason_sv="Ingen källa har hörts.", reason_en="No source was heard.")
    for row in rows["map_area"]:
        row.update(incident_24h_count=None, normal_low=None, normal_high=None)
    return rows


def crowded() -> Rows:
    """500 incidents on the map, 12 feeds, 24 areas, 60 deviations, long words in every cell."""
    rows = ordinary()
    long = "Utsättningssamordningsverksamhetsområdesansvarig vid Storängsbottenvägens idrottsplats "
    rows["map_point"] = [
        {
            **point(n),
            "report_id": f"p{n}",
            "latitude": 59.20 + (n * 7919 % 440) / 10000,
            "longitude": 17.90 + (n * 104729 % 1350) / 10000,
        }
        for n in range(500)
    ]
    rows["source"] = [
        {
            **rows["source"][n % 5],
            "position": n + 1,
            "query_id": f"1.{n + 1}",
            "source_id": f"feed_{n}",
            "title_sv": f"{long}{n}",
            "owner_org": long,
            "status": ["down", "late", "fresh", "never"][n % 4],
            "last_cause": "timeout",
            "is_possible_loss": True,
            "is_frozen": True,
            "is_below_expected": True,
            "quarantined_count": 2,
            "notice_count": 12,
            "last_received_at": ago(100),
            "hours_silent": 100.0,
        }
        for n in range(12)
    ]
    areas = [
        {
            **rows["area_status"][n % 7],
            "position": n + 1,
            "query_id": f"2.{n + 4}",
            "area_id": f"area-{n + 1}",
            "area_name": f"{n + 1} {long}",
            "reason_sv": long * 3,
            "proposed_status": ["rod", "orange", "gul", "gron", "okand"][n % 5],
        }
        for n in range(24)
    ]
    rows["area_status"] = areas
    squares = rows["map_area"]
    rows["map_area"] = [
        {
            **squares[n % 6],
            "area_id": f"area-{n + 1}",
            "area_name": f"{n + 1} {long}",
            "incident_7d_count": 1234,
            "incident_24h_count": 123,
            "normal_low": 1000,
            "normal_high": 1100,
            "label_longitude": 17.91 + 0.02 * (n % 6),
            "label_latitude": 59.205 + 0.01 * (n // 6),
        }
        for n in range(24)
    ]
    for row in rows["event"]:
        row.update(
            category_sv=long,
            note_public=(long * 2)[:140],
            action_sv=long,
            action_en=long,
            place_label=long,
            area_name=long,
            source_titles=long,
        )
    rows["deviation"] = [
        {
            **rows["deviation"][n % 5],
            "position": n + 1,
            "query_id": f"5.{n + 1}",
            "area_name": long,
            "category_sv": long,
            "activity_7d_count": 1234,
            "activity_expected": 1234.5,
            "silent_days": 12,
        }
        for n in range(60)
    ]
    rows["deviation_total"][0]["text_sv"] = long * 3
    rows["gone"] = [gone(s, n + 61, f"{n} {long}", "displaced") for s in (5, 6) for n in range(5)]
    for row in rows["focus_place"]:
        row.update(
            place_name=long,
            area_name=long,
            window_label_sv=long,
            open_fault_count=12,
            open_fault_categories_sv=long,
            is_repeat=True,
        )
    for row in rows["summary"]:
        row.update(sentence_sv=long * 3, number=123456, normal_low=100000, normal_high=110000)
    rows["heat_watch"] = [
        {"area_id": row["area_id"], "area_name": row["area_name"], "watch": watch, "count": 1234, "is_total": False}
        for row in areas
        for watch in range(8)
    ]
    rows["head"][0].update(municipality_name=long)
    rows |= vma_rows(4)
    for row in rows["alert"]:
        row.update(warned_area_sv=long * 3, alert_advice="inomhus,utrym,undvik,koka,over")
    rows["warning"] = [
        warning(n, ["rod", "orange", None][n % 3], long, warned_area_sv=long * 3, area_names=long * 3, is_new=True)
        for n in range(1, 12)
    ]
    rows["walk_point"] = [walk_point(n, long * 2, measure=long * 2, place_label=long) for n in range(1, 20)]
    rows["query"] += [
        {**rows["query"][0], "query_id": row["query_id"], "section": int(row["query_id"].split(".")[0])}
        for table in ("alert", "warning", "walk_point")
        for row in rows[table]
        if row["query_id"] not in {known["query_id"] for known in rows["query"]}
    ]
    return rows


#: Each tries another way out of the text it stands in.


MORNINGS = {f.__name__: f for f in (ordinary, empty_town, dead_feeds, crowded, hostile)}
