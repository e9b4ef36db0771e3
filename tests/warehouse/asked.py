"""A build of the tables a test looks at and of what they are made of, and of nothing else.

A whole build is a hundred tables and half a second of computing; a test of one section reads two or three of them. The
SQL files are the product's own and run in its own order; those that no table asked for is made of are left out, and so
are the checks that read a table left out. Tests of the build itself, of its checks and of whole pictures build whole.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

import warehouse.build
import warehouse.findings
import warehouse.layers
from warehouse.earlier import TABLES

#: Small, and wanted by all: the settings' tables, and the macros of the house's rules.
ALWAYS = ("00_config", "10_rule")
#: Made of files, in the order they run. What the lake keeps of the present (``11_present``) is not for made-up towns.
LAYERS = ("12_past", "15_stage", "20_core", "25_verdict", "30_picture", "40_week")

NAME = re.compile(r"\b(?:stage|core|picture)\.\w+")
MADE = re.compile(r"CREATE OR REPLACE (?:TABLE|VIEW|MACRO) (\w+\.\w+)")

#: Made by Python between two layers, of these.
TEST_NUMBER, TESTED = "core.test_number", ("core.baseline", "core.baseline_week")


@contextmanager
def only(*asked: str) -> Iterator[None]:
    """Within it a build makes only the tables that ``asked``, queries or names, speaks of, and what they are made of.

    Raises KeyError where one is of no SQL file, ValueError where none is named.
    """
    names = frozenset(NAME.findall(" ".join(asked)))
    if not names:
        raise ValueError(f"no table is named in {asked}")
    folder, has_numbers = _chosen(names)
    with ExitStack() as patched:
        patched.enter_context(patch.object(warehouse.layers, "SQL", folder / "sql"))
        patched.enter_context(patch.object(warehouse.build, "SQL", folder / "sql"))
        patched.enter_context(patch.object(warehouse.findings, "CHECKS", folder / "checks"))
        if not has_numbers:
            patched.enter_context(patch.object(warehouse.build, "_add_test_numbers", lambda con: None))
        yield


@cache
def _chosen(asked: frozenset[str]) -> tuple[Path, bool]:
    """A folder of links to the SQL files and checks wanted; and whether the statistics' numbers are among them."""
    files, made = wanted(asked)
    folder = Path(_links().name, str(len(list(Path(_links().name).iterdir()))))
    for path in [*files, *(p for name in ALWAYS for p in _sql(name))]:
        link = folder / "sql" / path.parent.name / path.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    (folder / "checks").mkdir()
    for path in sorted(warehouse.findings.CHECKS.glob("*.sql")):
        if _read(path) <= made:
            (folder / "checks" / path.name).symlink_to(path)
    return folder, TEST_NUMBER in made


@cache
def _links() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="asked-")


def wanted(asked: Collection[str]) -> tuple[list[Path], set[str]]:
    """The SQL files that make the tables ``asked`` for and all they are made of, and the names these files make."""
    makers, always = _makers()
    files: set[Path] = set()
    todo, seen = list(asked), set(always)
    while todo:
        if (name := todo.pop()) in seen:
            continue
        seen.add(name)
        if name == TEST_NUMBER:
            todo += TESTED
            continue
        for path in makers[name]:
            files.add(path)
            todo += _read(path)
    return sorted(files), seen | {name for path in files for name in _made(path)}


@cache
def _makers() -> tuple[dict[str, list[Path]], frozenset[str]]:
    """The files that make each name, and the names that are there without being asked for."""
    makers: dict[str, list[Path]] = {}
    for path in (path for layer in LAYERS for path in _sql(layer)):
        for name in _made(path):
            makers.setdefault(name, []).append(path)
    rules = {name for path in _sql("10_rule") for name in _made(path)}
    return makers, frozenset(rules | {f"stage.{name}" for name in TABLES})


@cache
def _sql(layer: str) -> tuple[Path, ...]:
    return tuple(sorted((Path(warehouse.layers.__file__).parent / "sql" / layer).glob("*.sql")))


@cache
def _made(path: Path) -> frozenset[str]:
    return frozenset(MADE.findall(_code(path)))


@cache
def _read(path: Path) -> frozenset[str]:
    return frozenset(NAME.findall(_code(path))) - _made(path)


def _code(path: Path) -> str:
    return re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
