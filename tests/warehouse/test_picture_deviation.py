"""§2 and §5: what is unusual, what is not, and what cannot be said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import Town, local, rows_of, weekly

YEAR = 371

#: Where what was tried is told.
TOLD = ("core.deviation_test", "picture.deviation", "picture.deviation_total", "picture.summary")


def town_heard(days: int = YEAR, *sources: str) -> Town:
    town = Town()
    for source in sources or ("guard_a", "guard_b", "open311_town"):
        town.heard(source, days)
    return town


def row_of(path: Path, **where: str) -> dict[str, Any]:
    condition = " AND ".join(f"{name} = '{value}'" for name, value in where.items())
    (row,) = rows_of(path, f"SELECT * FROM core.deviation_test WHERE {condition}")
    return row


def cell(path: Path) -> dict[str, Any]:
    return row_of(path, level="cell", area_key="centrum", category_key="skada.skadegorelse")


def test_a_jump_is_a_signal_with_its_normal_interval(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52)
    path = town.build(tmp_path, *TOLD).path
    row = cell(path)
    assert row["verdict"] == "signal" and row["count"] == 9 and row["base_sum"] == 52
    assert row["expected"] == pytest.approx(52.5 / 52, abs=1e-6) and (row["normal_low"], row["normal_high"]) == (0, 3)
    (shown,) = rows_of(path, "SELECT * FROM picture.deviation WHERE level = 'cell'")
    assert shown["query_id"] == f"5.{shown['position']}" and shown["baseline"] == "52_weeks"


def test_an_ordinary_week_deviates_from_nothing(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [5, 4, 6] + [5] * 50)
    path = town.build(tmp_path, *TOLD).path
    assert rows_of(path, "SELECT * FROM picture.deviation") == []
    (total,) = rows_of(path, "SELECT * FROM picture.deviation_total")
    assert total["text_sv"].startswith("Inga avvikelser utöver slumpen") and total["signal_count"] == 0
    (second,) = rows_of(path, "SELECT * FROM picture.summary WHERE position = 2")
    assert (second["sentence_sv"], second["number"], second["trend"]) == (total["text_sv"], 0, "within")


def test_two_incidents_where_there_never_were_any_are_no_signal(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [2] + [0] * 52, area_id="norra")
    weekly(town, [3] * 53, source_id="guard_b", category="skada.klotter")
    row = row_of(
        town.build(tmp_path, "core.deviation_test").path,
        level="cell",
        area_key="norra",
        category_key="skada.skadegorelse",
    )
    assert row["q_value"] < 0.1 and row["verdict"] is None


def test_the_polices_notices_enter_no_count(tmp_path: Path) -> None:
    town = town_heard(YEAR, "polisen_events", "guard_a")
    weekly(town, [20] + [1] * 52, source_id="polisen_events", observation_type="police_notice")
    path = town.build(tmp_path, "core.incident", "picture.deviation").path
    assert rows_of(path, "SELECT count(*) AS n FROM core.incident") == [{"n": 0}]
    assert rows_of(path, "SELECT count(*) AS n FROM picture.deviation") == [{"n": 0}]


def test_another_municipalitys_report_and_a_report_from_the_future_enter_no_count(tmp_path: Path) -> None:
    town = town_heard()
    town.report("theirs", local(1), municipality_code="0001")
    town.report("unsaid", local(1), municipality_code=None)
    town.report("soon", local(0, "06:29"), ingested_at=local(0, "01:00"))
    town.report("future", local(0, "06:31"), ingested_at=local(0, "01:00"))
    told = town.rows(tmp_path, "SELECT report_id FROM core.incident ORDER BY report_id")
    assert [r["report_id"] for r in told] == ["guard_a:soon", "guard_a:unsaid"]


def test_silent_days_are_removed_from_the_week_and_are_not_a_fall(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR, 8)
    weekly(town, [0] + [7] * 52)
    path = town.build(tmp_path, *TOLD).path
    row = row_of(path, level="municipality")
    assert (row["is_tested"], row["verdict"], row["silent_days"]) == (False, None, 7)
    (first,) = rows_of(path, "SELECT * FROM picture.summary WHERE position = 1")
    assert first["trend"] == "unknown" and first["sentence_sv"].endswith("ingen källa har hörts.")
    (total,) = rows_of(path, "SELECT * FROM picture.deviation_total")
    assert total["text_sv"] == "Ingen källa har hörts om de senaste sju dygnen: inget kan prövas."


def test_half_a_week_heard_is_held_against_half_a_week(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR, 5)  # the seven days are 1–7 days ago; only 5, 6 and 7 were heard
    for week in range(1, 53):
        for day in range(7):
            town.report(f"{week}-{day}", local(7 * week + day + 1))
    row = row_of(town.build(tmp_path, "core.deviation_test").path, level="municipality")
    assert row["silent_days"] == 4
    assert row["expected"] == pytest.approx((364 + 0.5) * 3 / 364, abs=1e-6)


def test_silent_days_are_removed_from_the_baseline_and_are_not_nought(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR, 190)
    town.heard("guard_a", 7)
    for days_ago in [*range(1, 8), *range(190, YEAR + 1)]:
        town.report(f"{days_ago}", local(days_ago))
    row = row_of(town.build(tmp_path, "core.deviation_test").path, level="municipality")
    assert row["base_sum"] == 182 and row["expected"] == pytest.approx(7.0, abs=0.05)


def test_each_source_brings_its_own_exposure_into_a_shared_cell(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR)
    town.heard("guard_b", YEAR, 8)  # silent all through the seven days
    weekly(town, [2] + [2] * 52)
    weekly(town, [0] + [6] * 52, source_id="guard_b")
    row = cell(town.build(tmp_path, "core.deviation_test").path)
    # guard_a's two a week are still expected, guard_b's six are not: 104 of 416 by 1/52, 312 by nought.
    assert row["expected"] == pytest.approx((416 + 0.5) * (104 / 52) / 416, abs=1e-6) and row["silent_days"] == 7
    assert row["verdict"] is None


def test_a_source_of_half_a_year_is_held_against_eight_periods(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 180)
    weekly(town, [9] + [1] * 24)
    path = town.build(tmp_path, *TOLD).path
    row = cell(path)
    assert row["baseline"] == "8_periods" and row["expected"] == pytest.approx(1, abs=1e-6)
    assert row["z"] == pytest.approx(2 * (9.375**0.5 - 1.375**0.5), abs=1e-6) and row["verdict"] == "signal"
    assert rows_of(path, "SELECT baseline FROM picture.deviation_total") == [{"baseline": "8_periods"}]


def test_the_youngest_past_in_a_cell_decides_for_the_whole_cell(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR)
    town.heard("guard_b", 180)
    weekly(town, [2] * 9 + [4] * 44)
    weekly(town, [3] * 25, source_id="guard_b")
    weekly(town, [1] * 53, area_id="norra")
    path = town.build(tmp_path, "core.deviation_test").path
    row = cell(path)
    assert (row["baseline"], row["count"], row["expected"]) == ("8_periods", 5, pytest.approx(5, abs=1e-6))
    assert row_of(path, level="area", area_key="norra")["baseline"] == "52_weeks"


def test_weeks_nobody_was_heard_about_do_not_widen_the_interval(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR, 300)
    town.heard("guard_a", 190)
    weekly(town, [4] * 27 + [0] * 16 + [4] * 10)
    path = town.build(tmp_path, "core.deviation_test").path
    assert cell(path)["dispersion"] == 1.0
    weeks = rows_of(path, "SELECT count, expected FROM core.baseline_week WHERE level = 'cell' AND period <= 20")
    assert len(weeks) == 20 and all(w["count"] == 4 for w in weeks)
    assert all(w["expected"] == pytest.approx(4, abs=0.3) for w in weeks)


def test_a_source_of_three_weeks_gives_no_verdict_and_says_so(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 21)
    weekly(town, [9, 1, 1])
    path = town.build(tmp_path, *TOLD).path
    row = cell(path)
    assert (row["baseline"], row["count"], row["expected"], row["verdict"]) == ("too_short", 9, None, None)
    (first,) = rows_of(path, "SELECT * FROM picture.summary WHERE position = 1")
    assert first["number"] == 9 and "för kort historik för slutsats" in first["sentence_sv"]
    assert (first["normal_low"], first["trend"]) == (None, "unknown")


def test_a_new_reporter_does_not_turn_the_old_ones_week_into_a_signal(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", YEAR)
    town.heard("guard_b", 14)
    weekly(town, [2] * 53)
    weekly(town, [12, 12], source_id="guard_b")
    path = town.build(tmp_path, *TOLD).path
    row = cell(path)
    assert (row["count"], row["left_out_count"], row["verdict"]) == (2, 12, None)
    (first,) = rows_of(path, "SELECT * FROM picture.summary WHERE position = 1")
    assert first["sentence_sv"].endswith("Därtill 12 från nya källor som ännu inte kan jämföras.")


def test_a_fall_is_told_only_when_it_lasts_three_periods(tmp_path: Path) -> None:
    told = {}
    for name, counts in {"three": [0, 0, 0], "two": [0, 0, 9]}.items():
        town = town_heard()
        weekly(town, counts + [9] * 50)
        folder = tmp_path / name
        folder.mkdir()
        told[name] = cell(town.build(folder, "core.deviation_test").path)["verdict"]
    assert told == {"three": "fall", "two": None}


def test_a_grave_incident_is_listed_without_a_signal_also_where_it_names_no_area(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [1] * 53, category="vald.ran")
    town.report("s", local(2), category="vald.sexualbrott")
    weekly(town, [1] * 53, source_id="guard_b", category="vald.sexualbrott")
    told = town.rows(tmp_path, "SELECT level, area_id, category, verdict FROM picture.deviation")
    assert told == [
        {"level": "cell", "area_id": "centrum", "category": "vald.ran", "verdict": "severe"},
        {"level": "category", "area_id": None, "category": "vald.sexualbrott", "verdict": "severe"},
    ]


def test_signals_stand_before_grave_incidents_and_the_narrowest_level_first(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52, category="tillgrepp.inbrott", area_id="norra")
    weekly(town, [1] * 53, category="vald.ran")
    told = town.rows(tmp_path, "SELECT level, verdict FROM picture.deviation ORDER BY position")
    assert [r["verdict"] for r in told] == ["signal"] * (len(told) - 1) + ["severe"]
    assert [r["level"] for r in told] == ["cell", "area", "category", "municipality", "cell"]


def test_a_short_past_too_is_held_against_the_days_that_were_heard(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 180, 5)  # three of the seven days
    for days_ago in range(5, 181):
        town.report(f"{days_ago}", local(days_ago))
    row = row_of(town.build(tmp_path, "core.deviation_test").path, level="municipality")
    assert (row["baseline"], row["count"], row["silent_days"]) == ("8_periods", 3, 4)
    assert row["expected"] == pytest.approx(3, abs=1e-6)


def test_the_dose_stands_beside_narcotics_and_nothing_else(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52, category="narkotika.misstankt")
    weekly(
        town, [30] + [10] * 52, source_id="guard_b", category="vaktaktivitet.rond", observation_type="guard_activity"
    )
    weekly(town, [9] + [1] * 52, area_id="norra")
    shown = town.rows(tmp_path, "SELECT * FROM picture.deviation WHERE level = 'cell' ORDER BY category")
    assert [(r["category"], r["activity_7d_count"], r["activity_expected"]) for r in shown] == [
        ("narkotika.misstankt", 30, 10.0), ("skada.skadegorelse", None, None),
    ]  # fmt: skip


def test_under_three_incidents_in_all_are_too_few_to_conclude_from(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [1] + [0, 1] * 26)
    (total,) = town.rows(tmp_path, "SELECT * FROM picture.deviation_total")
    assert total["text_sv"] == "För få händelser för slutsats om avvikelser."


def test_the_summary_names_the_strongest_signal_below_the_whole_municipality(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52, category="tillgrepp.inbrott")
    one, two, _ = town.rows(tmp_path, "SELECT * FROM picture.summary ORDER BY position")
    assert one["sentence_sv"] == "9 händelser på sju dygn (16–22 nov), normalt 0–3." and one["trend"] == "above"
    assert two["sentence_sv"].startswith("9 × Inbrott, inbrottslarm i Centrum på sju dygn, normalt 0–3")
    assert two["number"] == 9


def test_no_sentence_holds_a_percentage(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [60] + [55] * 52)
    told = town.rows(tmp_path, "SELECT sentence_sv || sentence_en AS t FROM picture.summary"
                               " UNION ALL SELECT reason_sv || reason_en FROM picture.area_status"
                               " UNION ALL SELECT text_sv || text_en FROM picture.deviation_total")  # fmt: skip
    assert told and not [row for row in told if "%" in row["t"] or "procent" in row["t"]]
