"""The bill of materials says what the lock says: all of it, nothing else, and the same whenever it is asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from flows.sbom import main, sbom
from flows.station import PROJECT

LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
TOLD = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")

SMALL_TOLD = """
[project]
name = "town"
version = "1.0"
dependencies = ["Web-Server[extra]>=1,<2"]
[project.optional-dependencies]
dev = ["tester"]
"""
SMALL_LOCK = f"""# made by uv
helper==0.1 ; python_full_version < '3.12' \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via
    #   tester
    #   web-server
helper==0.2 ; python_full_version >= '3.12' \\
    --hash=sha256:{"c" * 64}
    # via
    #   tester
    #   web-server
tester==3 \\
    --hash=sha256:{"d" * 64}
    # via town (pyproject.toml)
web-server==1.5 \\
    --hash=sha256:{"e" * 64}
    # via town (pyproject.toml)
"""


@pytest.fixture(scope="module")
def text() -> str:
    return sbom(LOCK, TOLD)


@pytest.fixture(scope="module")
def bill(text: str) -> dict[str, Any]:
    return json.loads(text)


def test_it_is_what_the_published_schema_asks_for_and_the_same_each_time(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert sbom(LOCK, TOLD) == text
    assert sbom(LOCK + "# later\n", TOLD) != text  # another lock, another serial number


def test_every_package_and_every_hash_of_the_lock_is_in_it_and_nothing_else(bill: dict[str, Any]) -> None:
    pinned = re.findall(r"^([a-z0-9.-]+)(?:\[.*?\])?==([^ ]+)", LOCK, re.MULTILINE)
    assert sorted((one["name"], one["version"]) for one in bill["components"]) == sorted(pinned)
    hashes = [h["content"] for one in bill["components"] for h in one["externalReferences"][0]["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


def test_what_only_tests_need_is_excluded(bill: dict[str, Any]) -> None:
    scopes = {one["name"]: one["scope"] for one in bill["components"]}
    assert {scopes[name] for name in ("prefect", "fastapi", "duckdb", "uvicorn", "numpy")} == {"required"}
    assert {scopes[name] for name in ("pytest", "ruff", "hypothesis", "cyclonedx-python-lib")} == {"excluded"}


def test_who_brings_what_and_on_which_machine_is_told() -> None:
    bill = json.loads(sbom(SMALL_LOCK, SMALL_TOLD))
    assert {row["ref"]: row.get("dependsOn", []) for row in bill["dependencies"]} == {
        "town": ["pkg:pypi/tester@3", "pkg:pypi/web-server@1.5"],
        "pkg:pypi/tester@3": ["pkg:pypi/helper@0.1", "pkg:pypi/helper@0.2"],
        "pkg:pypi/web-server@1.5": ["pkg:pypi/helper@0.1", "pkg:pypi/helper@0.2"],
        "pkg:pypi/helper@0.1": [],
        "pkg:pypi/helper@0.2": [],
    }
    assert [(one["version"], one["scope"]) for one in bill["components"]] == [
        ("0.1", "required"),
        ("0.2", "required"),
        ("3", "excluded"),
        ("1.5", "required"),
    ]
    assert bill["components"][0]["properties"] == [{"name": "python:marker", "value": "python_full_version < '3.12'"}]


@pytest.mark.parametrize("line", ["other @ file:///somewhere", "-e .", "    --hash=md5:abc", "name>=1"])
def test_a_line_that_is_not_understood_is_a_fault_and_not_passed_over(line: str) -> None:
    with pytest.raises(ValueError, match=r"requirements\.lock, line 19: is no package, hash or origin"):
        sbom(f"{SMALL_LOCK}{line}\n", SMALL_TOLD)


def test_the_command_writes_a_file_or_to_standard_output(
    text: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "sbom.cdx.json")]) == main([]) == 0
    assert (tmp_path / "sbom.cdx.json").read_text(encoding="utf-8") == capsys.readouterr().out == text
