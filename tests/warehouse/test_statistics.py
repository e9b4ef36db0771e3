"""The test behind every signal, against published constants and hand calculation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, nbinom

from warehouse.statistics import (
    _quantile,
    false_discovery,
    nb_predictive,
    pooled_dispersion,
    probabilities,
    short_baseline_z,
)


def test_with_no_extra_dispersion_the_predictive_is_the_gamma_poisson_one() -> None:
    # 3 in one week against 2 in eight: gamma(2 + ½, 8) mixed over Poisson, summed by hand to twelve digits.
    told = nb_predictive(3, 2, 1 / 8)
    size, rate = 2.5, 8.0
    p, below = rate / (rate + 1), 0.0
    term = p**size
    for k in range(3):
        below += term
        term *= (size + k) / (k + 1) * (1 - p)
    assert told.tail[0] == pytest.approx(1 - below, abs=1e-12)
    assert (told.mean[0], told.variance[0]) == (0.3125, 0.3515625)


def test_the_tail_is_exact_and_not_the_mid_p_value() -> None:
    told = nb_predictive([5, 12], [20, 40], 1 / 8)
    assert told.tail == pytest.approx([0.128663701, 0.009584667], abs=1e-8)
    assert list(told.low) == [0, 1] and list(told.high) == [6, 10]


def test_dispersion_widens_the_interval_and_weakens_the_tail() -> None:
    narrow, wide = nb_predictive(25, 128, 1 / 8, 1.0), nb_predictive(25, 128, 1 / 8, 2.0)
    assert wide.tail[0] == pytest.approx(0.0896858, abs=1e-6) and narrow.tail[0] < wide.tail[0]
    assert (narrow.low[0], narrow.high[0], wide.low[0], wide.high[0]) == (8, 25, 6, 29)


def test_a_period_nobody_was_heard_about_is_refused_and_so_is_less_than_chance() -> None:
    with pytest.raises(ValueError, match="cannot be tested"):
        nb_predictive(1, 1, 0.0)
    with pytest.raises(ValueError, match="at least 1"):
        nb_predictive(1, 1, 0.1, 0.9)


def test_false_discovery_gives_the_q_values_of_the_1995_paper() -> None:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
         0.759, 1.0]  # fmt: skip
    q = false_discovery(np.array(p))
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.035625) and q[5] == pytest.approx(0.0638571428)


def test_pooled_dispersion_follows_its_formula_and_never_goes_under_one() -> None:
    count, expected = np.array([0.0, 4.0, 2.0, 10.0]), np.array([2.0, 2.0, 2.0, 4.0])
    by_hand = (2 + 2 + 0 + 9) / (1 + 1 / 52) / 4
    assert pooled_dispersion(count, expected, 52) == pytest.approx(by_hand)
    assert pooled_dispersion(expected, expected, 52) == 1.0
    assert pooled_dispersion(np.array([]), np.array([]), 52) == 1.0


def test_short_baseline_z_is_the_difference_of_anscombe_roots() -> None:
    assert short_baseline_z(9, 2) == pytest.approx(2 * (9.375**0.5 - 2.375**0.5))
    assert short_baseline_z(2, 2) == 0


def baseline_of(*rows: dict[str, Any]) -> pa.Table:
    usual = {
        "level": "cell", "area_key": "a", "category_key": "c", "baseline": "52_weeks", "count": 0, "base_sum": 52,
        "exposure_ratio": 1 / 52, "count_1": 1, "exposure_ratio_1": 1 / 52, "count_2": 1,
        "exposure_ratio_2": 1 / 52,
    }  # fmt: skip
    return pa.Table.from_pylist([usual | {"area_key": f"a{n}"} | row for n, row in enumerate(rows)])


NO_WEEKS = pa.table(
    {
        "level": pa.array([], pa.string()), "area_key": pa.array([], pa.string()),
        "category_key": pa.array([], pa.string()), "period": pa.array([], pa.int32()),
        "count": pa.array([], pa.int32()), "expected": pa.array([], pa.float64()),
    }
)  # fmt: skip


def test_each_level_is_a_family_of_its_own() -> None:
    cells = [{"count": 5}] + [{"count": 1}] * 9
    one_level = probabilities(baseline_of(*cells), NO_WEEKS).to_pylist()
    both = probabilities(baseline_of(*cells, {"level": "area", "count": 5}), NO_WEEKS).to_pylist()
    assert one_level[0]["q_value"] == pytest.approx(10 * one_level[0]["p_value"])
    assert both[0]["q_value"] == one_level[0]["q_value"]
    assert both[-1]["q_value"] == both[-1]["p_value"]


def test_a_count_without_a_past_or_without_exposure_gets_no_row() -> None:
    rows = [
        {"baseline": "too_short", "base_sum": None, "exposure_ratio": None, "exposure_ratio_1": None, "count_1": None},
        {"exposure_ratio": 0.0},
        {"count": 2},
    ]
    assert [r["area_key"] for r in probabilities(baseline_of(*rows), NO_WEEKS).to_pylist()] == ["a2"]


def test_against_eight_periods_there_is_a_z_and_no_q() -> None:
    row = {"baseline": "8_periods", "count": 9, "base_sum": 16, "exposure_ratio": 1 / 8, "count_1": None,
           "count_2": None, "exposure_ratio_1": None, "exposure_ratio_2": None}  # fmt: skip
    (told,) = probabilities(baseline_of(row), NO_WEEKS).to_pylist()
    assert told["z"] == pytest.approx(2 * (9.375**0.5 - 2.375**0.5)) and told["expected"] == 2
    assert told["p_value"] is None and told["q_value"] is None and told["low_periods"] == 0


def test_dispersion_is_pooled_over_the_areas_of_one_category() -> None:
    weeks = pa.table(
        {
            "level": ["cell"] * 4, "area_key": ["a0", "a1", "a0", "a1"], "category_key": ["c"] * 4,
            "period": pa.array([1, 1, 2, 2], pa.int32()), "count": pa.array([0, 6, 5, 1], pa.int32()),
            "expected": [2.0, 2.0, 2.0, 2.0],
        }
    )  # fmt: skip
    told = probabilities(baseline_of({}, {}, {"category_key": "other"}), weeks).to_pylist()
    by_hand = (4 + 16 + 9 + 1) / 2 / (1 + 1 / 52) / 4
    assert [r["dispersion"] for r in told] == pytest.approx([by_hand, by_hand, 1.0])


def test_a_fall_needs_three_low_periods_in_a_row_each_with_enough_expected() -> None:
    low = {"base_sum": 520, "count": 1, "count_1": 1, "count_2": 1}
    rows = [low, low | {"count_1": 10}, low | {"count_2": 10}, low | {"base_sum": 208}, low | {"exposure_ratio_1": 0.0}]
    told = probabilities(baseline_of(*rows), NO_WEEKS).to_pylist()
    assert [r["low_periods"] for r in told] == [3, 1, 2, 0, 1]


def test_under_one_false_signal_a_week_over_six_hundred_calm_cells_and_a_surge_is_seen() -> None:
    rng = np.random.default_rng(20261123)
    alarms, seen = 0, 0
    for _ in range(40):
        count, base_sum = rng.poisson(0.3, 600), rng.poisson(0.3 * 52, 600)
        count[0] = 6
        q = false_discovery(nb_predictive(count, base_sum, 1 / 52).tail)
        is_signal = (q <= 0.10) & (count >= 3)
        alarms, seen = alarms + int(is_signal[1:].sum()), seen + int(is_signal[0])
    # A rise of half over the week before, at least 3, would have raised some twenty a week.
    assert alarms <= 40 and seen >= 36


def reference_cases(feeds_folder: Path, name: str, method: str) -> list[dict[str, Any]]:
    path = feeds_folder.parent / "reference" / name
    if not path.exists():
        pytest.skip("the reference cases are not beside the feeds")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case for case in cases if case["method"] == method]


@pytest.mark.feeds
def test_the_predictive_agrees_with_every_reference_case(feeds_folder: Path) -> None:
    cases = reference_cases(feeds_folder, "01_change_small_counts.json", "nb_predictive_jeffreys")
    assert len(cases) >= 9
    for case in cases:
        given, expected = case["inputs"], case["expected"]
        ratio = given["current_periods"] / given["base_periods"]
        told = nb_predictive(given["current"], given["base_sum"], ratio, given["phi"])
        assert told.mean[0] == pytest.approx(expected["mean"], abs=case["tol"]), case["id"]
        assert told.variance[0] == pytest.approx(expected["var"], abs=case["tol"]), case["id"]
        assert told.tail[0] == pytest.approx(expected["p_upper"], abs=case["tol"]), case["id"]
        assert (told.low[0], told.high[0]) == (expected["q025"], expected["q975"]), case["id"]


@pytest.mark.feeds
def test_false_discovery_agrees_with_the_reference_case(feeds_folder: Path) -> None:
    (case,) = reference_cases(feeds_folder, "01_change_small_counts.json", "fdr")
    assert false_discovery(np.array(case["inputs"]["p"])) == pytest.approx(case["expected"]["BH"], abs=case["tol"])


@pytest.mark.feeds
def test_the_same_weekday_case_agrees(feeds_folder: Path) -> None:
    (case,) = reference_cases(feeds_folder, "10_calendar_baseline_delay.json", "same_weekday_8w")
    told = nb_predictive(case["inputs"]["current"], case["expected"]["base_sum"], 1 / case["expected"]["base_periods"])
    assert told.tail[0] == pytest.approx(case["expected"]["nb"]["p_upper"], abs=case["tol"])


counts = st.tuples(
    st.integers(0, 400),
    st.integers(0, 4000),
    st.floats(1e-3, 2),
    st.floats(1, 30),
    st.sampled_from([0.025, 0.5, 0.975]),
)


@settings(max_examples=200, deadline=None)
@given(counts)
def test_tail_and_interval_are_those_of_scipys_own_distribution(one):
    count, base_sum, ratio, phi, share = one
    now = nb_predictive(count, base_sum, ratio, phi)
    size, chance = now.mean**2 / (now.variance - now.mean), now.mean / now.variance
    assert now.tail == pytest.approx(nbinom.sf(count - 1, size, chance), rel=1e-9, abs=1e-300)
    quantile = _quantile(share, size, chance)
    assert nbinom.cdf(quantile, size, chance) >= share * (1 - 1e-12)
    assert quantile == 0 or nbinom.cdf(quantile - 1, size, chance) <= share * (1 + 1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_false_discovery_rate_is_scipys(p_values):
    wanted = false_discovery_control(p_values, method="bh") if p_values else []
    assert false_discovery(np.array(p_values)) == pytest.approx(np.array(wanted), rel=1e-12)
