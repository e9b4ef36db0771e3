"""Who may import whom, and who may read the clock, the environment and the network.

The table stands here once; each rule is broken on purpose in a made-up tree, so that a checker gone blind
is seen.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LAYERS = ("connectors", "warehouse", "flows")

#: Packages of others that each part may import. flows may import anything.
CONTRACT = frozenset({"pyarrow"})
WAREHOUSE = frozenset({"duckdb", "pyarrow", "jinja2", "markupsafe", "numpy", "scipy"})  # markupsafe is jinja2's
FEED = frozenset({"numpy", "pandas", "pyarrow", "defusedxml"})
KIT = FEED | {"shapely", "pyproj", "rapidfuzz", "phonenumbers", "personnummer", "python_calamine", "orjson"}
HTTP = KIT | {"requests", "urllib3"}

#: Modules of the standard library that reach the network: the one client's (http.py and its parts) alone.
NETWORK = ("socket", "ssl", "http.client", "http.server", "urllib.request", "smtplib", "ftplib", "asyncio")
#: What makes an answer depend on when or where it was worked out: the flows' alone. time.perf_counter is free:
#: it tells how long something took, never when.
SURROUNDINGS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "time.ctime",
        "time.monotonic",
        "time.monotonic_ns",
        "time.sleep",
        "pandas.Timestamp.now",
        "pandas.Timestamp.today",
        "pandas.Timestamp.utcnow",
        "os.environ",
        "os.environb",
        "os.getenv",
        "os.getlogin",
        "pathlib.Path.home",
        "pathlib.Path.expanduser",
        "importlib.import_module",
        "importlib.reload",
        "__import__",
    }
)
#: http.py times a whole transfer by a clock that only goes forwards; it cannot tell the hour.
ALLOWED_IN_HTTP = frozenset({"time.monotonic"})
#: In the SQL the picture's moment is a row of config.moment.
SQL_CLOCK = re.compile(r"\b(?:(?:now|today|get_current_timestamp|getenv)\s*\(|current_(?:date|time|timestamp)\b)", re.I)
SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.S)


def _is_http(name: Path) -> bool:
    """The one client and the parts it is split into (connectors/http_*.py)."""
    return (
        len(name.parts) == 2 and name.parts[0] == "connectors" and re.match(r"http(_\w+)?\.py$", name.name) is not None
    )


def breaches(root: Path) -> list[str]:
    """Each breach of the table under ``root`` as ``file:line: what``."""
    found = []
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            name = path.relative_to(root)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            lines = [*_wrong_imports(root, name, tree), *_wrong_readings(name, tree)]
            found += [f"{name.as_posix()}:{line}: {what}" for line, what in sorted(lines)]
    for path in sorted((root / "warehouse").rglob("*.sql")):
        text = SQL_COMMENT.sub("", path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(root).as_posix()}: {m[0]} reads the clock" for m in SQL_CLOCK.finditer(text)]
    return found


def _wrong_imports(root: Path, name: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    layer = name.parts[0]
    for line, module in _imports(name, tree):
        top = module.split(".")[0]
        if top in sys.stdlib_module_names:
            if layer != "flows" and not _is_http(name) and _is_under(module, NETWORK):
                yield line, f"{module}: only connectors/http.py reaches the network"
        elif top in (*LAYERS, "tests"):
            if not _may_import_ours(root, name, module):
                yield line, f"{module} may not be imported here"
        elif layer != "flows" and top not in _packages_allowed(name):
            yield line, f"{module} may not be imported here"


def _packages_allowed(name: Path) -> frozenset[str]:
    if name.is_relative_to("warehouse/contract"):
        return CONTRACT
    if name.parts[0] == "warehouse":
        return WAREHOUSE
    if _is_http(name):
        return HTTP
    return KIT if len(name.parts) == 2 else FEED


def _may_import_ours(root: Path, name: Path, module: str) -> bool:
    layer, parts = name.parts[0], module.split(".")
    if parts[0] == "tests":
        return False
    if layer == "flows":
        return True
    if name.is_relative_to("warehouse/contract"):
        return parts[:2] == ["warehouse", "contract"]
    if parts[0] == "warehouse":
        return layer == "warehouse" or parts[1:2] == ["contract"]
    if parts[0] == "flows" or layer == "warehouse" or len(parts) == 1:
        return False
    is_kit = (root / "connectors" / f"{parts[1]}.py").is_file()
    return is_kit or (len(name.parts) > 2 and parts[1] == name.parts[1])


def _imports(name: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of everything imported, wherever in the file it stands."""
    package = list(name.parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _wrong_readings(name: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    if name.parts[0] == "flows":
        return
    allowed = ALLOWED_IN_HTTP if _is_http(name) else frozenset()
    full_name: dict[str, str] = {"__import__": "__import__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                full_name[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full_name[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            dotted = _dotted(node, full_name)
            if dotted in SURROUNDINGS - allowed:
                yield node.lineno, f"{dotted}: only flows reads the clock, the environment and the disk's users"


def _dotted(node: ast.expr, full_name: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return full_name.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, full_name)
        return f"{base}.{node.attr}" if base else None
    return None


def _is_under(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def test_everybody_imports_only_whom_they_may() -> None:
    assert breaches(PROJECT) == []


@pytest.fixture
def sound_tree(tmp_path: Path) -> Path:
    """A small tree that keeps every rule."""
    files = {
        "connectors/kit.py": "import pyarrow as pa\nfrom warehouse.contract import REJECT\nimport connectors.times",
        "connectors/times.py": "from datetime import UTC, datetime\nimport numpy as np\nx = datetime(2026, 1, 1)",
        "connectors/http.py": "import requests, socket, time\nstart = time.monotonic()",
        "connectors/first/connector.py": "import pandas\nfrom connectors import kit\nfrom connectors.first import a",
        "connectors/first/a.py": "from . import connector\nfrom connectors.kit import thing",
        "connectors/second/connector.py": "import json",
        "warehouse/contract/__init__.py": "import pyarrow.compute as pc\nfrom warehouse.contract.words import x",
        "warehouse/contract/words.py": "import re",
        "warehouse/build.py": "import duckdb, scipy.stats\nfrom warehouse import lake\nfrom .contract import x",
        "warehouse/sql/a.sql": "-- now() would be wrong\nSELECT 'today()' FROM config.moment",
        "flows/collect.py": "import prefect, os, time\nfrom warehouse import lake\nnow = time.time()\n"
        "from connectors.first import connector\nkey = os.environ['KEY']",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    return tmp_path


def test_a_sound_tree_has_no_breach(sound_tree: Path) -> None:
    assert breaches(sound_tree) == []


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("warehouse/contract/words.py", "import numpy", "numpy may not"),
        ("warehouse/contract/words.py", "from warehouse import lake", "warehouse.lake may not"),
        ("warehouse/contract/__init__.py", "import connectors.kit", "connectors.kit may not"),
        ("warehouse/build.py", "import prefect", "prefect may not"),
        ("warehouse/build.py", "from prefect import flow", "prefect.flow may not"),
        ("warehouse/build.py", "import requests", "requests may not"),
        ("warehouse/build.py", "from connectors import kit", "connectors.kit may not"),
        ("warehouse/build.py", "import flows.settings", "flows.settings may not"),
        ("warehouse/build.py", "import pandas", "pandas may not"),
        ("warehouse/build.py", "import urllib.request", "reaches the network"),
        ("connectors/kit.py", "import requests", "requests may not"),
        ("connectors/kit.py", "import socket", "reaches the network"),
        ("connectors/kit.py", "import connectors.first", "connectors.first may not"),
        ("connectors/kit.py", "from connectors.first import connector", "connectors.first.connector may not"),
        ("connectors/kit.py", "import duckdb", "duckdb may not"),
        ("connectors/kit.py", "from warehouse import lake", "warehouse.lake may not"),
        ("connectors/first/connector.py", "from connectors.second import connector", "connectors.second"),
        ("connectors/first/connector.py", "from ..second import connector", "connectors.second.connector may"),
        ("connectors/first/connector.py", "from connectors import second", "connectors.second may not"),
        ("connectors/first/connector.py", "import prefect", "prefect may not"),
        ("connectors/first/connector.py", "import duckdb", "duckdb may not"),
        ("connectors/first/connector.py", "import requests", "requests may not"),
        ("connectors/first/connector.py", "import flows", "flows may not"),
        ("connectors/first/connector.py", "import warehouse.lake", "warehouse.lake may not"),
        ("connectors/first/connector.py", "def f():\n    import prefect", "prefect may not"),
        ("connectors/first/connector.py", "from tests import conftest", "tests.conftest may not"),
        ("flows/collect.py", "import tests.conftest", "tests.conftest may not"),
        ("connectors/times.py", "datetime.now(UTC)", "datetime.datetime.now"),
        ("connectors/times.py", "import datetime as dt\ndt.date.today()", "datetime.date.today"),
        ("connectors/kit.py", "from time import time as clock\nclock()", "time.time"),
        ("connectors/kit.py", "import time\ntime.monotonic()", "time.monotonic"),
        ("connectors/http.py", "time.time()", "time.time"),
        ("connectors/http.py", "import os\nos.environ['x']", "os.environ"),
        ("connectors/first/connector.py", "import os\nos.getenv('x')", "os.getenv"),
        ("connectors/first/connector.py", "import pandas as pd\npd.Timestamp.now()", "pandas.Timestamp.now"),
        ("connectors/first/connector.py", "__import__('flows')", "__import__"),
        ("warehouse/build.py", "from os import environ\nprint(environ)", "os.environ"),
        ("warehouse/build.py", "import importlib\nimportlib.import_module('flows')", "importlib.import_module"),
        ("warehouse/sql/a.sql", "SELECT now()", "now( reads the clock"),
        ("warehouse/sql/a.sql", "SELECT current_date", "current_date reads the clock"),
    ],
)
def test_each_rule_broken_on_purpose_is_seen(sound_tree: Path, name: str, line: str, said: str) -> None:
    path = sound_tree / name
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    found = breaches(sound_tree)
    assert len(found) == 1, found
    assert found[0].startswith(name)
    assert said in found[0]
