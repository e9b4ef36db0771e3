"""``lagesbild sql``: a question to the analysts' snapshot, one-shot or in a shell.

Each question is a process of its own (warehouse/locked.py), ended when its time is out, whatever it is doing. The file
is opened read-only and locked: nothing outside it is read, nothing anywhere written, no setting changed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from flows.commands import DONE, USAGE, opened
from flows.console import Console, table
from flows.exports import data_package, made_from_of, render
from flows.handouts import record
from flows.opened import UsageError
from flows.question_verbs import FORMATS, TIMEOUT_S
from flows.store import Store, utc_now
from warehouse.files import make_folder, write_bytes
from warehouse.locked import MEMORY_MB

#: Rows shown on a terminal; all of them are given in every other form.
ROWS_SHOWN = 200

PROJECT = Path(__file__).resolve().parent.parent

HELP = r"""\d: the tables · \d core.report: its columns · \m: the macros
\q: the sheet's numbers (q:5.2 asks one) · \x: leave · \h: this
A question ends with ; and may run over several lines."""

_TABLES = """SELECT schema_name || '.' || table_name AS "table", comment AS one_row
FROM duckdb_tables() WHERE NOT internal
UNION ALL SELECT schema_name || '.' || view_name, comment
FROM duckdb_views() WHERE NOT internal ORDER BY 1"""
_COLUMNS = """SELECT column_name AS "column", data_type AS type, comment AS meaning FROM duckdb_columns()
WHERE schema_name || '.' || table_name = '{}' ORDER BY column_index"""
_COMMENTS = "SELECT column_name AS name, any_value(comment) AS comment FROM duckdb_columns() GROUP BY ALL"
_MACROS = """SELECT schema_name || '.' || function_name || '(' || array_to_string(parameters, ', ') || ')' AS macro,
comment AS gives FROM duckdb_functions() WHERE schema_name = 'core' AND comment IS NOT NULL ORDER BY 1"""


class NotAnswered(Exception):
    """The question was refused or stopped. The message says why in a line or two; nothing was changed."""


def answer_of(store: Store, query: str, timeout_s: float = TIMEOUT_S, memory_mb: int = MEMORY_MB) -> pa.Table:
    """The answer, its SQL and provenance in the schema's metadata. Raises NotAnswered, UsageError (no snapshot)."""
    if not store.snapshot.exists():
        raise UsageError(f"{store.snapshot}: there is no snapshot yet; `lagesbild picture` makes it")
    given = json.dumps({"database": str(store.snapshot), "query": expanded(query), "memory_mb": memory_mb})
    try:
        told = in_a_process(given, timeout_s)
    except subprocess.TimeoutExpired:
        raise NotAnswered(f"stopped after {timeout_s:g} s (--timeout gives it longer); nothing was changed") from None
    if told.returncode == 2:
        raise NotAnswered(told.stderr.decode().strip())
    if told.returncode:
        raise NotAnswered(f"stopped: the question ended its process (code {told.returncode}), most likely for memory")
    return pa.ipc.open_stream(told.stdout).read_all()


def in_a_process(given: str, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    """Ask in a limited process that lives for this question. Raises subprocess.TimeoutExpired, having ended it."""
    command = [sys.executable, "-m", "warehouse.locked"]
    return subprocess.run(command, input=given.encode(), capture_output=True, timeout=timeout_s, cwd=PROJECT)


def expanded(query: str) -> str:
    r"""``\d``, ``\d TABLE``, ``\m`` and ``\q`` as the SQL they stand for; anything else as it is."""
    words = query.strip().rstrip(";").split()
    if words == ["\\d"]:
        return _TABLES
    if len(words) == 2 and words[0] == "\\d":
        return _COLUMNS.format(words[1].replace("'", "''"))
    if words == ["\\m"]:
        return _MACROS
    if words == ["\\q"]:
        return "SELECT query_id, title_sv, title_en FROM picture.query ORDER BY section, query_id"
    return query.strip().rstrip(";") if query.startswith("q:") else query


def sql(arguments: argparse.Namespace, console: Console) -> int:
    """Run one question, or a shell where there is none; ``q:5.2`` is the one behind that number of the sheet."""
    _, store = opened(arguments)
    asked = [one for one in (arguments.query, arguments.command) if one is not None]
    if arguments.file is not None:
        asked.append(_text_of(arguments.file))
    if not arguments.timeout > 0:
        raise UsageError(f"--timeout {arguments.timeout:g}: how many seconds a question may take, more than 0")
    if len(asked) > 1:
        raise UsageError("one question at a time: as QUERY, with -c, or in a file with -f")
    if not asked:
        return shell(store, arguments, console)
    return _answer(store, asked[0], arguments, console)


def _answer(store: Store, query: str, arguments: argparse.Namespace, console: Console) -> int:
    try:
        answer = answer_of(store, query, arguments.timeout)
    except NotAnswered as error:
        console.complain(str(error))
        return USAGE
    if query.startswith("\\d ") and not answer.num_rows:
        console.complain(f"{query.split()[1]}: no table of that name; \\d lists them, as core.report")
        return USAGE
    ran = answer.schema.metadata[b"sql"].decode()
    form = _form(arguments)
    if form == "table":
        rows = answer.to_pylist()
        held_back = made_from_of(answer).get("held_back")
        console.answer({"sql": ran, "rows": rows} | ({} if held_back is None else {"held_back": held_back}))
        if query.startswith("q:"):
            console.say(ran.strip(), "")
        if query.startswith("\\"):  # meanings are sentences, and are not cut
            console.say(*(" · ".join(str(value) for value in row.values() if value is not None) for row in rows))
            return DONE
        console.say(*table(rows[:ROWS_SHOWN], answer.column_names))
        if len(rows) > ROWS_SHOWN:
            console.say(f"… {len(rows) - ROWS_SHOWN} more rows; --format csv or --json gives them all")
        if held_back:
            console.say(held_back_line(held_back))
        return DONE
    content = render(answer, form, is_excel=arguments.excel)
    if arguments.out:
        if arguments.out.exists():
            raise UsageError(f"{arguments.out}: stands already and is not overwritten; give another name")
        make_folder(arguments.out.resolve().parent)
        record(store, utc_now(), query, form, answer.num_rows, content, made_from_of(answer))
        write_bytes(arguments.out, content)
        beside = arguments.out.with_name(f"{arguments.out.name}.datapackage.json")
        comments = {row["name"]: row["comment"] for row in answer_of(store, _COMMENTS).to_pylist()}
        write_bytes(beside, data_package(answer, arguments.out.name, form, content, comments, is_excel=arguments.excel))
        console.say(f"{answer.num_rows} rows: {arguments.out}")
        if held_back := made_from_of(answer).get("held_back"):
            console.say(held_back_line(held_back))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    return DONE


def held_back_line(count: int) -> str:
    """What a number of the sheet counts and its rows do not show, in both languages."""
    sv = "1 rad visas inte" if count == 1 else f"{count} rader visas inte"
    en = "1 row is" if count == 1 else f"{count} rows are"
    return f"{sv}: känsliga, på vecka. ({en} not shown: sensitive, told by their week alone.)"


def _text_of(path: Path) -> str:
    """The question in a file, or in a pipe that has a name."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not text in UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _form(arguments: argparse.Namespace) -> str:
    """The form asked for, or that of the file's ending; else csv for a file and a table for the screen."""
    ending = arguments.out.suffix[1:].lower() if arguments.out else ""
    form = arguments.format or ("csv" if arguments.excel else ending if ending in FORMATS[1:] else None)
    if arguments.out and form == "table":
        raise UsageError("--format table is for the screen; a file is csv, json, parquet, geojson or ics")
    if arguments.excel and form != "csv":
        raise UsageError(f"--excel is a kind of csv, not of {form}")
    return str(form or ("csv" if arguments.out else "table"))


def shell(store: Store, arguments: argparse.Namespace, console: Console) -> int:
    """Questions from standard input until its end or ``\\x``; a refused one is told and the next one asked."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  (lines can be edited and called back)
    console.complain(HELP)
    held: list[str] = []
    while True:
        try:
            line = input(("…> " if held else "lagesbild> ") if sys.stdin.isatty() else "")
        except EOFError:
            if held:
                _in_shell(store, "\n".join(held), arguments, console)
            return DONE
        if not held and line.strip() in ("\\x", "exit", "quit"):
            return DONE
        if not held and line.strip() in ("\\h", "help", "?"):
            console.complain(HELP)
            continue
        if not line.strip() and not held:
            continue
        held.append(line)
        if line.rstrip().endswith(";") or (len(held) == 1 and line.startswith(("\\", "q:"))):
            _in_shell(store, "\n".join(held), arguments, console)
            held = []


def _in_shell(store: Store, query: str, arguments: argparse.Namespace, console: Console) -> None:
    try:
        _answer(store, query, arguments, console)
    except UsageError as error:
        console.complain(str(error))
