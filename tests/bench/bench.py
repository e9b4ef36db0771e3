"""The house against DuckDB alone and against pandas, over the same made-up deliveries, in the same run.

    python -m tests.bench.bench --size 1e4 --size 1e5 --folder /tmp/bench

Every step is a process of its own. Costs are CPU seconds of the whole process tree and its peak memory; wall time is
not told, since a shared machine's says little. Each size is generated, read (the history), added to (one night),
refreshed and asked. What must come of the deliveries is known beforehand; a wrong count ends the run, and so does a
contender that says other than the others (``agree.py``).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.agree import disagreements
from tests.bench.generate import FEEDS, write
from tests.bench.measure import PROJECT, Cost, machine, measured, measured_again

STEPS = ("back-fill", "night", "picture", "picture, warm", "queries")
HOUSE, DUCKDB, PANDAS = "house", "DuckDB", "pandas"


def settings(folder: Path) -> Path:
    """The made-up town with only the three feeds of the bench."""
    target = folder / "lindvik"  # the settings ask for a folder of their own name
    shutil.copytree(PROJECT / "flows/municipality/lindvik", target, dirs_exist_ok=True)
    parts = re.split(r"(?m)^(?=\[)", (target / "feeds.toml").read_text(encoding="utf-8"))
    kept = [part for part in parts if not part.startswith("[") or re.split(r"[.\]]", part[1:])[0] in FEEDS]
    (target / "feeds.toml").write_text("".join(kept), encoding="utf-8")
    town = re.split(r"(?m)^(?=\[)", (target / "municipality.toml").read_text(encoding="utf-8"))
    # Nothing is published for everybody here: [public] names feeds that are gone.
    told = "".join(part for part in town if not part.startswith("[public]"))
    (target / "municipality.toml").write_text(told, encoding="utf-8")
    return target


def run(folder: Path, size: int, seed: int, *, with_pandas: bool) -> dict[tuple[str, str], Cost]:
    """The cost of every step of every contender at one size."""
    raw, town = folder / f"raw-{size}", settings(folder)
    if not (raw / "truth.json").exists():
        write(raw, size, seed)
    truth = json.loads((raw / "truth.json").read_text(encoding="utf-8"))
    costs: dict[tuple[str, str], Cost] = {}
    data = folder / f"house-{size}"
    shutil.rmtree(data, ignore_errors=True)
    for step, part in (("back-fill", "history"), ("night", "night")):
        costs[HOUSE, step] = cost = measured("tests.bench.ours", "read", town, data, raw / part)
        _refuse_wrong(cost.answer, truth[part], part)
    measured("tests.bench.ours", "picture", town, data)
    costs[HOUSE, "picture"] = measured("tests.bench.ours", "picture", town, data)  # the second one
    costs[HOUSE, "picture, warm"] = measured_again("tests.bench.ours", "warm", town, data)
    costs[HOUSE, "queries"] = measured("tests.bench.ours", "queries", data)
    rivals = [(DUCKDB, "tests.bench.rival_duckdb")] + [(PANDAS, "tests.bench.rival_pandas")] * with_pandas
    for name, module in rivals:
        out = folder / f"{name}-{size}"
        shutil.rmtree(out, ignore_errors=True)
        costs[name, "back-fill"] = measured(module, "read", raw / "history", out)
        costs[name, "night"] = measured(module, "read", raw / "night", out)
        costs[name, "picture"] = measured(module, "refresh", out)
        costs[name, "picture, warm"] = measured_again(module, "warm", out)
        costs[name, "queries"] = measured(module, "queries", out)
    if told := disagreements(data, [folder / f"{name}-{size}" for name, _ in rivals]):
        raise SystemExit(f"the contenders do not say the same at {size}: " + "; ".join(told))
    return costs


def _refuse_wrong(answer: dict[str, dict[str, int]], truth: dict[str, dict[str, int]], part: str) -> None:
    for feed in FEEDS:
        wanted = {name: truth[feed][name] for name in ("seen", "rejected", "accepted")}
        if answer[feed] != wanted:
            raise SystemExit(f"{part}, {feed}: {answer[feed]} came of the deliveries, {wanted} should have")


def table(results: dict[int, dict[tuple[str, str], Cost]]) -> str:
    """The results as a Markdown table with the house's ratio to each rival."""
    lines = ["| size | step | house | DuckDB | pandas | house ÷ DuckDB | house ÷ pandas |", "| --- " * 7 + "|"]
    for size, costs in results.items():
        for step in STEPS:
            cells = [costs.get((name, step)) for name in (HOUSE, DUCKDB, PANDAS)]
            ratios = [f"{cells[0].cpu_s / c.cpu_s:.2f}" if cells[0] and c else "–" for c in cells[1:]]
            lines.append(f"| {size:,} | {step} | " + " | ".join([str(c) if c else "–" for c in cells] + ratios) + " |")
        rate = size / costs[HOUSE, "back-fill"].cpu_s
        lines.append(f"| | | {rate:,.0f} reports/CPU s | | | | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, action="append")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pandas-until", type=float, default=1e6, help="larger sizes are not given to pandas")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="lagesbild-bench-"))
    results = {}
    print(machine())
    for size in map(int, given.size or [1e4]):
        results[size] = run(folder, size, given.seed, with_pandas=size <= given.pandas_until)
        plain = {f"{name} {step}": asdict(cost) for (name, step), cost in results[size].items()}
        (folder / f"result-{size}.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
