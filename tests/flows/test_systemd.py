"""The units: one for each part, a timer for the sheet that must be out, and a systemd that understands them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import parser
from flows.parts import parts_here
from tests.conftest import PROJECT

UNITS = PROJECT / "flows" / "systemd"
NAMES = sorted(path.name for path in UNITS.glob("*@.*"))


def commands(name: str) -> list[list[str]]:
    """The words after the program's name of each command of a unit."""
    found = re.findall(r"^Exec\w+=(.*)$", (UNITS / name).read_text(encoding="utf-8"), re.M)
    assert all(command.split()[0] == "/opt/lagesbild/.venv/bin/lagesbild" for command in found)
    return [command.split()[1:] for command in found]


def test_every_part_has_its_unit_and_the_target_wants_them_all():
    target = (UNITS / "lagesbild@.target").read_text(encoding="utf-8")
    for part in parts_here():
        assert ["part", part] in commands(f"lagesbild-{part}@.service")
        assert f"lagesbild-{part}@%i.service" in target


def test_every_unit_says_what_the_command_line_understands():
    for name in NAMES:
        if name.endswith(".service"):
            for words in commands(name):
                parser().parse_args(words)


def test_the_worker_s_unit_registers_first_and_drains_last_and_the_timer_asks_at_ten_past_six():
    assert commands("lagesbild-worker@.service") == [["register"], ["part", "worker"], ["drain"]]
    assert commands("lagesbild-morning@.service") == [["morning"]]
    timer = (UNITS / "lagesbild-morning@.timer").read_text(encoding="utf-8")
    assert "OnCalendar=*-*-* 06:10:00 Europe/Stockholm" in timer and "Persistent=true" in timer


def test_systemd_itself_has_nothing_to_say_against_them(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    for name in NAMES:
        text = (UNITS / name).read_text(encoding="utf-8")
        # It looks for the programs, and they are not installed where the units say.
        here = text.replace("/opt/lagesbild/.venv/bin/lagesbild", sys.executable).replace(
            "/opt/lagesbild", str(tmp_path)
        )
        (tmp_path / name).write_text(here, encoding="utf-8")
    for name in NAMES:
        instance = str(tmp_path / name.replace("@", "@haninge"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", instance],
            env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
            capture_output=True,
            text=True,
        )
        ours = [line for line in done.stderr.splitlines() if "lagesbild" in line]
        assert done.returncode == 0 and not ours, done.stderr


def test_the_timer_s_time_is_local_on_both_sides_of_a_clock_change():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    base = ["systemd-analyze", "calendar", "--iterations=3"]
    words = [*base, "--base-time=2026-10-24 00:00:00 UTC", "*-*-* 06:10:00 Europe/Stockholm"]
    done = subprocess.run(words, env={"PATH": "/usr/bin:/bin", "TZ": "UTC"}, capture_output=True, text=True)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is too old to be asked of another day")
    assert re.findall(r"2026-10-2[4-6] (\d\d:\d\d):00 UTC", done.stdout) == ["04:10", "05:10", "05:10"], done.stdout


def test_the_example_of_secrets_holds_none_and_names_what_the_program_reads():
    text = (UNITS / "municipality.env.example").read_text(encoding="utf-8")
    assert "CHANGE-ME" in text
    from flows.alarm_standby import STANDBY
    from flows.station import DATABASE, KEY

    assert f"\n{DATABASE}=postgresql+asyncpg://" in text and f"\n{KEY}=" in text and f"\n{STANDBY}=" in text
    assert not [path for path in Path(UNITS).iterdir() if path.suffix == ".env"]
