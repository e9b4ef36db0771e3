"""The made-up town's meeting: what was decided, what lies ahead, who is out, what is proposed and asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.warehouse.publish.made_up_rows import Rows, ago

REGISTERS = (
    "assessment", "insats", "planned_event", "public_alert", "resource", "safety_walk", "school_holiday",
    "weather_warning",
)  # fmt: skip
#: The tables of one row, which stand also where nothing is known.
TOTALS = ("due_total", "walk_total", "warning_total", "ahead_total", "effort_total")


def meeting_rows() -> Rows:
    """Every kind of line sections 3 and 7 to 11 have, once."""
    return {
        "area_set": [
            {"position": 1, "query_id": "2.11", "area_id": "area-2", "area_name": "Norrby", "proposed_status": "gul",
             "set_status": "orange", "set_day": date(2026, 10, 9), "stop_day": None, "reason_text": "Oro efter helgen",
             "is_other": True},
        ],
        "due_insats": [
            due(1, "overdue", "Trasig belysning i tunneln", days_past=9, stop_day=date(2026, 10, 7), done_dose=None),
            due(2, "due", "Rondering vid skolan"),
            due(3, "not_done", "Information i gallerian", outcome="Inställd, personal saknades", owner_name=None),
            due(4, "done", "Vuxenvandring", done_dose=4, outcome="Lugnt"),
        ],
        "due_total": [
            {"register_status": "fresh", "register_read_at": ago(14), "overdue_count": 1, "due_today_count": 1,
             "came_out_count": 2},
        ],
        "walk_point": [
            walk_point(1, "Två lampor trasiga"),
            walk_point(2, "Skymd sikt", walk_state="open", days_past=0, due_day=date(2026, 10, 26)),
        ],
        "walk_total": [
            {"register_status": "fresh", "register_read_at": ago(14), "walk_overdue_count": 1, "walk_open_count": 2},
        ],
        # No VMA stands on an ordinary morning: vma_rows() has one.
        "alert": [],
        "warning": [
            warning(1, "orange", "Snöfall"),
            warning(2, "gul", "Vind", is_now=False, is_new=True, warned_from=ago(-9), area_names="Norrby, Hamnen",
                    area_ids="area-2"),
        ],
        "warning_total": [{"warning_count": 2, "ended_early_count": 1, "alert_count": 0}],
        "ahead": [
            ahead(1, 0, "planned_event", "Derby", visitor_count=1400),
            ahead(2, 1, "planned_event", "Konsert", is_called_off=True),
            ahead(3, 2, "holiday", "Alla helgons dag", clock_from=None, clock_until=None, place_name=None),
            ahead(4, 3, "school_holiday", "Höstlov", clock_from=None, clock_until=None, place_name=None),
        ],
        "ahead_total": [
            {"today": date(2026, 10, 16), "sunset": "17:42", "dark_from": "18:24", "dark_until": "06:51",
             "light": "ordinary", "is_event_known": True, "is_school_known": True, "event_count": 2,
             "next_pay_day": date(2026, 10, 23)},
        ],
        "effort": [
            effort(1, "resource", "ordningsvakt", unit_count=4), effort(2, "insats", "kontroll", problem="Bråk"),
        ],
        "focus_cover": [
            {"position": n, "query_id": f"6.{n}", "place_id": f"place-{n}", "place_name": f"Plats {n}",
             "area_name": "Norrby", "window_label_sv": "fre–sön 21–24 (5 av 9)",
             "window_label_en": "Fri–Sun 21–24 (5 of 9)", "cover": cover}
            for n, cover in enumerate(("place", "none", "area"), 1)
        ],
        "effort_total": [{"register_read_at": ago(14), "effort_count": 2, "gap_count": 1}],
        "proposal": [
            proposal(1, "signal", because_id="5.1", place_name=None), proposal(2, "gap"),
            proposal(3, "event"), proposal(4, "fault", window_sv=None, window_en=None, owner_name=None),
        ],
        "question": [
            question(1, "Vilka är de nya ungdomarna?", is_overdue=True, due_day=date(2026, 10, 14)),
            question(2, "Varför är bostadsbolaget tyst?", question_kind="silence"),
        ],
        "decision": [
            {"position": 1, "query_id": "11.1", "entry_id": "beslut:B-1", "problem": "Kontroll vid stationen",
             "place_label": "Stationen", "owner_name": "Polisen", "decided_day": date(2026, 10, 15),
             "stop_day": date(2026, 10, 18)},
        ],
        "register": register_rows("fresh"),
    }  # fmt: skip


def no_meeting(status: str = "absent") -> Rows:
    """The same where no register was ever heard (``absent``, ``never``), or each is heard and empty (``fresh``)."""
    rows = meeting_rows()
    for name in rows:
        if name not in TOTALS:
            rows[name] = []
    known = status == "fresh"
    for name in TOTALS:
        for row in rows[name]:
            row |= {key: 0 if known else None for key in row if key.endswith("_count")}
            row |= {key: None for key in row if key.endswith("_at")}
    rows["due_total"][0]["register_status"] = status
    rows["ahead_total"][0] |= {"is_event_known": known, "is_school_known": known}
    rows["register"] = register_rows(status)
    return rows


def register_rows(status: str) -> list[dict[str, Any]]:
    known = status not in ("absent", "never")
    return [
        {"position": n, "register": name, "status": status, "is_known": known,
         "last_received_at": ago(14) if known else None}
        for n, name in enumerate(REGISTERS, 1)
    ]  # fmt: skip


def vma_rows(count: int = 1) -> Rows:
    """VMA that stand now, the first of them new."""
    stands = [
        {"position": n, "query_id": f"0.{n + 5}", "entry_id": f"vma:{n}", "alert_topic": "brand" if n == 1 else None,
         "alert_advice": "inomhus" if n == 1 else None, "alert_severity": "severe" if n == 1 else None,
         "warned_area_sv": "Lindviks kommun (Lindö län)" if n == 1 else None, "reach": "kommun", "sent_at": ago(2),
         "expires_at": ago(-6) if n == 1 else None, "is_new": n == 1}
        for n in range(1, count + 1)
    ]  # fmt: skip
    return {"alert": stands, "warning_total": [{"warning_count": 0, "ended_early_count": 0, "alert_count": count}]}


def warning(n: int, level: str | None, event: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"7.{n + 3}", "entry_id": f"smhi:{n}", "warning_level": level, "event_sv": event,
        "event_en": event, "warned_area_sv": "Lindö län utom kusten", "warned_area_en": "Lindö County but the coast",
        "reach": "kommun", "area_ids": "area-1,area-2", "area_names": None, "warned_from": ago(4),
        "warned_until": ago(-20), "is_now": True, "is_new": False,
    } | values  # fmt: skip


def walk_point(n: int, finding: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"3.{n + 8}", "entry_id": f"vandring:T-{n}", "finding": finding,
        "measure": "Byt lampor", "category_sv": "Belysning", "category_en": "Lighting",
        "place_label": "Stationstunneln", "owner_name": "Teknik",
        "walk_day": date(2026, 9, 26), "due_day": date(2026, 10, 11), "walk_state": "overdue",
        "days_past": 5,
    } | values  # fmt: skip


def due(n: int, state: str, problem: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"3.{n + 4}", "entry_id": f"insatser:I-{n}", "problem": problem,
        "place_label": "Torget", "owner_name": "Trygghetsenheten", "decided_day": date(2026, 9, 16),
        "stop_day": date(2026, 10, 16), "due_state": state, "days_past": 0, "dose_unit": "pass", "planned_dose": 4,
        "done_dose": 3, "outcome": None,
    } | values  # fmt: skip


def ahead(n: int, days: int, kind: str, title: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"7.{n + 5}", "local_day": date(2026, 10, 16 + days), "days_ahead": days,
        "ahead_kind": kind, "title_sv": title, "title_en": title, "place_name": "Torget", "area_name": None,
        "clock_from": "19:00", "clock_until": "21:00", "visitor_count": None, "is_called_off": False,
    } | values  # fmt: skip


def effort(n: int, kind: str, what: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"8.{n + 2}", "effort_kind": kind, "effort_type": what, "problem": None,
        "owner_name": "Vaktbolaget", "unit_count": None, "place_name": "Torget", "area_name": "Norrby",
        "clock_from": "20:00", "clock_until": "03:00",
    } | values  # fmt: skip


def proposal(n: int, rule: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"9.{n}", "rule": rule, "place_name": "Torget", "area_name": "Norrby",
        "window_sv": "fre–sön 21–24", "window_en": "Fri–Sun 21–24", "task_sv": "Synlig patrull",
        "task_en": "Visible patrol", "owner_name": "Vaktbolaget", "reason_sv": "18 på 28 dygn, ingen ute där i dag",
        "reason_en": "18 in 28 days, nobody out there today", "because_id": "6.1",
    } | values  # fmt: skip


def question(n: int, asked: str, **values: Any) -> dict[str, Any]:
    return {
        "position": n, "query_id": f"10.{n}", "question_kind": "register", "question_sv": asked, "question_en": asked,
        "area_name": None, "asker_name": "Trygghetsenheten", "asked_name": "Polisen", "due_day": date(2026, 10, 16),
        "is_overdue": False,
    } | values  # fmt: skip
