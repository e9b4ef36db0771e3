"""Is this count unusual? The exact negative-binomial tail, its family's false-discovery rate, and the interval.

A percentage against last week raises a hundred false alarms a week over six hundred small cells; this test
raises well under one (simulated with known truth, November 2026). Only SciPy's special functions are used, and only
when a test is made: ``scipy.stats`` holds the same distribution, and costs every morning half a second to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]

#: The share of like periods that a normal interval holds: the central 95 %, as in the trade's own charts.
INTERVAL = 0.95

#: How many periods a fall is looked for in: the newest and the two before it.
FALL_PERIODS = 3

#: What ``probabilities`` gives: one row per tested count.
TEST_NUMBER = pa.schema(
    [
        pa.field("level", pa.string(), nullable=False),
        pa.field("area_key", pa.string(), nullable=False),
        pa.field("category_key", pa.string(), nullable=False),
        pa.field("dispersion", pa.float64(), nullable=False),
        pa.field("expected", pa.float64(), nullable=False),
        pa.field("normal_low", pa.int32(), nullable=False),
        pa.field("normal_high", pa.int32(), nullable=False),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),
        pa.field("z", pa.float64()),
        pa.field("low_periods", pa.int32(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Predictive:
    """What a period's count should be, seen from its baseline. Arrays of one length, in incidents."""

    mean: Floats
    variance: Floats
    tail: Floats  # P(count or more), exact: never the mid-p value, which halves the first term
    low: Floats
    high: Floats


def nb_predictive(count: Any, base_sum: Any, exposure_ratio: Any, dispersion: Any = 1.0) -> Predictive:
    """The negative-binomial predictive of ``count``, given ``base_sum`` incidents in the baseline.

    ``exposure_ratio`` is m/n: the period's exposure over the baseline's (1/52 for a week against a year). With
    Jeffreys' prior the mean is (S + ½)·m/n and the variance φ·mean·(1 + m/n); φ (``dispersion``) of 1 is exactly
    the gamma-Poisson predictive. Raises ValueError where the ratio is not positive or φ is under 1: no
    negative-binomial distribution has that variance.
    """
    count, base_sum, ratio, phi = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, dtype=float)) for a in (count, base_sum, exposure_ratio, dispersion))
    )
    if not (ratio > 0).all():
        raise ValueError("exposure_ratio must be above 0: a period nobody was heard about cannot be tested")
    if not (phi >= 1).all():
        raise ValueError("dispersion must be at least 1: less than chance is not believed of counts")
    mean = (base_sum + 0.5) * ratio
    variance = phi * mean * (1 + ratio)
    size, chance = mean**2 / (variance - mean), mean / variance
    edge = (1 - INTERVAL) / 2
    return Predictive(
        mean, variance,
        tail=_at_least(count, size, chance),
        low=_quantile(edge, size, chance),
        high=_quantile(1 - edge, size, chance),
    )  # fmt: skip


def _at_least(count: Floats, size: Floats, chance: Floats) -> Floats:
    """P(X ≥ count) of the negative binomial: the regularised incomplete beta I(1 − p; count, r), DLMF 8.17.24."""
    from scipy.special import betainc

    return np.where(count > 0, betainc(np.maximum(count, 1), size, 1 - chance), 1.0)


def _quantile(share: float, size: Floats, chance: Floats) -> Floats:
    """The smallest whole number that X stays at or under with probability ``share``, by halving."""
    from scipy.special import betainc

    low, high = np.full(len(size), -1.0), np.ones(len(size))
    while (short := betainc(size, high + 1, chance) < share).any():
        high = np.where(short, 2 * high, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        is_enough = (middle >= 0) & (betainc(size, np.maximum(middle, 0) + 1, chance) >= share)
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    return high


def pooled_dispersion(count: Floats, expected: Floats, periods: int) -> float:
    """φ of one pool of period counts around their expectations: Σ(y − m̂)² / [m̂(1 + 1/w)] over their number.

    ``periods`` is w, the number of periods each m̂ was estimated from. Never under 1: a pool that happens to vary
    less than chance says nothing of the next period. An empty pool gives 1.
    """
    if not len(count):
        return 1.0
    return max(1.0, float(np.mean((count - expected) ** 2 / (expected * (1 + 1 / periods)))))


def false_discovery(p_value: Floats) -> Floats:
    """Benjamini-Hochberg's q of one family of p-values: the share of false alarms if this one is raised.

    As ``scipy.stats.false_discovery_control`` (a test holds them together): the smallest of p·m/rank from here up.
    """
    order = np.argsort(p_value)
    scaled = np.asarray(p_value, dtype=float)[order] * len(p_value) / np.arange(1, len(p_value) + 1)
    answer = np.empty(len(p_value))
    answer[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return answer


def short_baseline_z(count: Any, expected: Any) -> Floats:
    """z = 2(√(x + 3/8) − √(b + 3/8)): Anscombe's variance-stabilising root, for a baseline of a few periods.

    ``expected`` is b, the mean of the like periods, taken as known.
    """
    root = np.sqrt(np.asarray(count, dtype=float) + 3 / 8) - np.sqrt(np.asarray(expected, dtype=float) + 3 / 8)
    return np.asarray(2 * root, dtype=float)


def _pools(level: list[str], category_key: list[str]) -> list[tuple[str, str]]:
    """Which counts share a dispersion: those of one level and one category ('*' where all are summed)."""
    return list(zip(level, category_key, strict=True))


def _dispersions(weeks: pa.Table, periods: int) -> dict[tuple[str, str], float]:
    pools = _pools(weeks.column("level").to_pylist(), weeks.column("category_key").to_pylist())
    names = sorted(set(pools))
    number = {pool: i for i, pool in enumerate(names)}
    member = np.array([number[pool] for pool in pools], dtype=np.int64)
    count = weeks.column("count").to_numpy().astype(float)
    expected = weeks.column("expected").to_numpy().astype(float)
    return {pool: pooled_dispersion(count[member == i], expected[member == i], periods) for i, pool in enumerate(names)}


def probabilities(
    baseline: pa.Table, weeks: pa.Table, *, baseline_periods: int = 52, fall_minimum_expected: float = 5.0
) -> pa.Table:
    """The numbers of every count that can be tested (TEST_NUMBER), from ``core.baseline`` and ``core.baseline_week``.

    A count against 52 weeks gets p and q (each level a family of its own), one against 8 periods gets z; both get
    expectation and interval. A count whose past is too short, or whose sources were silent all through the seven
    days, gets no row.
    """
    wanted = ["level", "area_key", "category_key", "baseline"]
    names = {name: np.array(baseline.column(name).to_pylist(), dtype=object) for name in wanted}
    number = {
        name: baseline.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        for name in baseline.column_names
        if name.startswith(("count", "base_sum", "exposure_ratio"))
    }
    with np.errstate(invalid="ignore"):
        is_tested = (names["baseline"] != "too_short") & (number["exposure_ratio"] > 0)
    names = {name: values[is_tested] for name, values in names.items()}
    number = {name: values[is_tested] for name, values in number.items()}
    if not is_tested.any():
        return TEST_NUMBER.empty_table()

    is_year = names["baseline"] == "52_weeks"
    known = _dispersions(weeks, baseline_periods)
    pools = _pools(list(names["level"]), list(names["category_key"]))
    # Eight periods are too few to estimate a variance from: chance alone, as z itself supposes.
    phi = np.array([known.get(pool, 1.0) if year else 1.0 for pool, year in zip(pools, is_year, strict=True)])
    now = nb_predictive(number["count"], number["base_sum"], number["exposure_ratio"], phi)
    q_value = np.full(len(phi), np.nan)
    for level in set(names["level"]):
        family = is_year & (names["level"] == level)
        q_value[family] = false_discovery(now.tail[family])
    expected_short = number["base_sum"] * number["exposure_ratio"]
    low_periods = _low_periods(number, phi, now, is_year, fall_minimum_expected)
    return pa.table(
        {
            "level": pa.array(names["level"], pa.string()),
            "area_key": pa.array(names["area_key"], pa.string()),
            "category_key": pa.array(names["category_key"], pa.string()),
            "dispersion": phi,
            "expected": np.where(is_year, now.mean, expected_short),
            "normal_low": now.low.astype(np.int32),
            "normal_high": now.high.astype(np.int32),
            "p_value": pa.array(now.tail, mask=~is_year),
            "q_value": pa.array(q_value, mask=~is_year),
            "z": pa.array(short_baseline_z(number["count"], expected_short), mask=is_year),
            "low_periods": low_periods,
        },
        schema=TEST_NUMBER,
    )


def _low_periods(
    number: dict[str, Floats], phi: Floats, now: Predictive, is_year: npt.NDArray[np.bool_], minimum: float
) -> npt.NDArray[np.int32]:
    """How many periods in a row, from the newest back, lie under their interval with enough expected (0 to 3).

    A silent period has a ratio of 0 and ends the row: a dead feed is not a fall.
    """
    unbroken = is_year & (number["count"] < now.low) & (now.mean >= minimum)
    row = unbroken.astype(np.int32)
    for back in range(1, FALL_PERIODS):
        ratio = np.nan_to_num(number[f"exposure_ratio_{back}"])
        # 1.0 keeps the formula defined where nothing was heard; those periods are cut off by ``ratio > 0``.
        then = nb_predictive(number[f"count_{back}"], number["base_sum"], np.where(ratio > 0, ratio, 1.0), phi)
        is_low = (number[f"count_{back}"] < then.low) & (then.mean >= minimum)
        unbroken &= (ratio > 0) & is_low
        row += unbroken
    return row
