"""Build the picture's database beside the old one, check it, and swap it in.

The file is a cache: everything in it follows from the lake's Parquet files, the settings and the moment. So a
build that fails leaves the old file as it was, and one that is killed leaves only a stray temporary file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.connection import THREADS, connect
from warehouse.contract import INSTANT, LAKE_TABLES
from warehouse.earlier import load_earlier
from warehouse.files import FILE_MODE, TEMP_PREFIX, make_folder, sync
from warehouse.findings import CheckFailed, Finding, run_checks
from warehouse.landed import load_arrow, load_landed
from warehouse.layers import SQL, WEEK, add_week, run_folder
from warehouse.present import Present
from warehouse.scope import Scope
from warehouse.statistics import TEST_NUMBER, probabilities

#: The journal's account of every try to hear a source.
ATTEMPT = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("started_at", INSTANT, nullable=False),
        pa.field("ended_at", INSTANT),
        pa.field("status", pa.string(), nullable=False),
        pa.field("cause", pa.string()),
        pa.field("http_status", pa.int32()),
        pa.field("delivery_count", pa.int32()),
    ]
)

#: The thresholds the SQL asks for by name; a missing one would be NULL and its rule would never speak.
THRESHOLDS = frozenset(
    {
        "q_signal", "q_watch", "minimum_count", "baseline_weeks", "short_baseline_periods", "short_z",
        "fall_minimum_expected", "fall_periods", "severe_from", "recent_events_max", "focus_places_max",
        "incomplete_before_hour", "percent_minimum_count", "repeat_count", "repeat_days",
        "rate_minimum_population",
    }
)  # fmt: skip

#: The layers, each reading only those before it.
SCHEMAS = ("config", "landed", "stage", "core", "picture")


@dataclass(frozen=True)
class BuildInputs:
    """All a build may know. ``moment`` is a UTC instant; facts learnt after it are not used.

    ``scope`` confines the picture to a part (see ``scope.py``); without it the picture is of everything. ``present`` is
    what the lake keeps ready of the present moment (see ``present.py``); without it everything is worked out from all
    versions, as it must be for a moment that is past and for a part. ``earlier`` is what the earlier picture said (see
    ``earlier.py``); None where this is the first one. ``with_week`` makes the weekly picture's tables too.
    """

    lake_files: Mapping[str, Sequence[Path]]
    config: Mapping[str, pa.Table]
    attempts: pa.Table
    moment: datetime
    scope: Scope | None = None
    present: Present | None = None
    earlier: Mapping[str, Any] | None = None
    with_week: bool = True


@dataclass(frozen=True)
class BuildResult:
    """The new database, what the warning checks found, the wall-clock seconds of each step, and what was read of it."""

    path: Path
    warnings: list[Finding]
    seconds: dict[str, float] = field(default_factory=dict)
    answer: Any = None


def build(
    inputs: BuildInputs, target: Path, ask: Callable[[duckdb.DuckDBPyConnection], Any] | None = None
) -> BuildResult:
    """Build ``target`` from ``inputs``. Raises CheckFailed, ValueError (faulty inputs) or duckdb.Error.

    ``ask`` is asked of the finished tables, once they are committed and before they are swapped in, and gives
    ``answer``; what it raises is raised. To open the file again for that would cost as much as the question.
    Whatever is raised, a database that stood at ``target`` stands there still. One builder at a time: the caller
    holds the writer's lock.
    """
    _refuse_faults(inputs)
    if target.stem in SCHEMAS:
        raise ValueError(f"{target.name}: DuckDB could not tell the file {target.stem} from the schema of that name")
    make_folder(target.parent)
    unfinished = target.with_name(TEMP_PREFIX + target.name)
    remove_database(unfinished)
    seconds: dict[str, float] = {}
    try:
        with connect(unfinished, threads=1 if inputs.present else THREADS) as con:
            con.execute("SET checkpoint_threshold = '1kB'")  # the commit then writes into the file at once, not its log
            # Training it on hundreds of short columns was a third of the commit, for less than a hundredth of the size.
            con.execute("SET disabled_compression_methods = 'fsst'")
            # The lake's files are the system's to keep in memory: a second copy was a fiftieth of the build.
            con.execute("SET enable_external_file_cache = false")
            warnings = fill(con, inputs, seconds)
            started = time.perf_counter()
            con.execute("CHECKPOINT")
            answer = ask(con) if ask else None
        swap_in(unfinished, target)
        seconds["swap"] = time.perf_counter() - started
    except BaseException:
        remove_database(unfinished)
        raise
    return BuildResult(target, warnings, seconds, answer)


def fill(con: duckdb.DuckDBPyConnection, inputs: BuildInputs, seconds: dict[str, float]) -> list[Finding]:
    """Make every table in one transaction, one fsync; add to ``seconds``, return the warnings. Raises as ``build``."""

    def step(name: str, work: Callable[[], None]) -> None:
        started = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - started

    con.execute("BEGIN")
    step("config", lambda: _load_config(con, inputs.config))
    step("landed", lambda: load_landed(con, inputs, ATTEMPT))
    step("stage", lambda: _make_stage(con, inputs))
    step("core", lambda: run_folder(con, "20_core"))
    step("statistics", lambda: _add_test_numbers(con))
    step("verdict", lambda: run_folder(con, "25_verdict"))
    step("picture", lambda: run_folder(con, "30_picture"))
    started = time.perf_counter()
    if failed := run_checks(con, "fail"):
        raise CheckFailed(failed)
    warnings = run_checks(con, "warn")
    seconds["checks"] = time.perf_counter() - started
    con.execute("COMMIT")
    if inputs.with_week:
        step("week", lambda: warnings.extend(add_week(con)))
    return warnings


@contextmanager
def empty_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table, of a municipality nothing is known about, in memory: what the dictionary is written from."""
    with connect() as con:
        _load_config(con, {})
        con.execute(
            "INSERT INTO config.moment VALUES ('2026-01-01 05:15:00+00', NULL, NULL, 'Europe/Stockholm', 'sv', NULL);"
            "INSERT INTO config.municipality VALUES ('0000', 'Ingenstans', '00', 'Ingetdera', 'TLP:CLEAR', TRUE)"
        )
        nothing = BuildInputs({}, {}, ATTEMPT.empty_table(), datetime(2026, 1, 1, 5, 15, tzinfo=UTC))
        load_landed(con, nothing, ATTEMPT)
        _make_stage(con, nothing)
        run_folder(con, "20_core")
        _load_test_numbers(con, TEST_NUMBER.empty_table())
        for folder in ("25_verdict", "30_picture", WEEK):
            run_folder(con, folder)
        yield con


def _refuse_faults(inputs: BuildInputs) -> None:
    faults = []
    known = {path.stem for path in (SQL / "00_config").glob("*.sql")}
    if missing := sorted(known - set(inputs.config)):
        faults.append(f"config tables missing: {', '.join(missing)}")
    if unknown := sorted(set(inputs.config) - known):
        faults.append(f"config tables nobody reads: {', '.join(unknown)}")
    if unknown := sorted(set(inputs.lake_files) - set(LAKE_TABLES)):
        faults.append(f"lake tables not in the contract: {', '.join(unknown)}")
    if inputs.scope and inputs.present:
        faults.append("a picture of a part is worked out from all versions, not from what the lake keeps of the whole")
    if inputs.moment.tzinfo is None or inputs.moment.utcoffset() != UTC.utcoffset(None):
        faults.append("moment must be a UTC instant")
    elif "moment" in inputs.config:
        stands = inputs.config["moment"].column("moment_at").to_pylist()
        if stands != [inputs.moment]:
            faults.append("config.moment must be one row, of the build's own moment")
    if "municipality" in inputs.config and inputs.config["municipality"].num_rows != 1:
        faults.append(f"config.municipality must be one row, has {inputs.config['municipality'].num_rows}")
    if "threshold" in inputs.config:
        have = set(inputs.config["threshold"].column("name").to_pylist())
        if missing := sorted(THRESHOLDS - have):
            faults.append(f"thresholds missing: {', '.join(missing)}")
    if faults:
        raise ValueError("the build's inputs are at fault: " + "; ".join(faults))


def _load_config(con: duckdb.DuckDBPyConnection, config: Mapping[str, pa.Table]) -> None:
    for schema in SCHEMAS:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    run_folder(con, "00_config")
    for name, table in sorted(config.items()):
        con.register("given", table)
        try:
            con.execute(f"INSERT INTO config.{name} BY NAME SELECT * FROM given")
        except duckdb.Error as error:
            raise ValueError(f"config.{name} cannot be loaded: {error}") from error
        finally:
            con.unregister("given")


def _make_stage(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    """What was known at the moment: taken from what the lake keeps of it, or worked out from all versions."""
    for folder in ("10_rule", "11_present" if inputs.present else "12_past", "15_stage"):
        run_folder(con, folder)
    load_earlier(con, inputs.earlier)


def _add_test_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Between core.baseline and core.deviation_test: the probabilities, which SQL cannot compute."""
    row = con.execute(
        "SELECT config.threshold_of('baseline_weeks'), config.threshold_of('fall_minimum_expected')"
    ).fetchone()
    assert row is not None
    tested = probabilities(
        con.sql("SELECT * FROM core.baseline ORDER BY level, area_key, category_key").to_arrow_table(),
        con.sql("SELECT * FROM core.baseline_week ORDER BY ALL").to_arrow_table(),
        baseline_periods=int(row[0]),
        fall_minimum_expected=row[1],
    )
    _load_test_numbers(con, tested)


def _load_test_numbers(con: duckdb.DuckDBPyConnection, tested: pa.Table) -> None:
    load_arrow(con, "core.test_number", tested)
    con.execute("ALTER TABLE core.test_number ADD PRIMARY KEY (level, area_key, category_key)")
    con.execute("COMMENT ON TABLE core.test_number IS 'One row per count that could be tested, by statistics.py.'")


def swap_in(unfinished: Path, target: Path) -> None:
    """fsync the file, give it the name, fsync the folder: after that a power cut finds the old or the new."""
    unfinished.chmod(FILE_MODE)
    sync(unfinished)
    unfinished.replace(target)
    sync(target.parent)


def remove_database(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)
