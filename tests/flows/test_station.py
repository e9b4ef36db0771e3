"""Where the server lives and what its processes are told: this machine alone, nobody told of it, a key elsewhere."""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from flows.cli import main
from flows.opened import UsageError, open_settings
from flows.station import KEY, PROJECT, Station, find_server, refuse_open_door, station_of
from flows.store import Store


@pytest.fixture
def station(tmp_path):
    return Station(Store.at(tmp_path / "data"), open_settings("lindvik").folder)


def test_prefect_itself_understands_every_setting_its_processes_are_told(station):
    code = """
import json, prefect.settings
s = prefect.settings.get_current_settings()
print(json.dumps([s.server.analytics_enabled, s.server.api.csrf_protection_enabled, s.client.csrf_support_enabled,
    s.server.api.cors_allowed_origins, s.server.api.host, s.server.api.port, s.api.url, str(s.home),
    s.server.ephemeral.enabled, s.server.ui.show_promotional_content, s.worker.query_seconds,
    s.flows.heartbeat_frequency, s.server.events.proactive_granularity.total_seconds(),
    s.server.events.retention_period.days, s.server.ui.api_url,
    sorted(s.server.services.db_vacuum.enabled_vacuum_types)]))
"""
    environment = station.environment()
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    origin = "http://127.0.0.1:4200"
    assert json.loads(told.stdout) == [
        False, True, True, origin, "127.0.0.1", 4200, f"{origin}/api", str(station.folder), False, False, 1.0, 30, 2.0,
        7, "/api", ["events", "flow_runs", "orphans"],
    ]  # fmt: skip
    assert environment["DO_NOT_TRACK"] == "1"


def test_the_environment_may_tune_but_not_open(station, monkeypatch):
    monkeypatch.setenv("PREFECT_WORKER_QUERY_SECONDS", "7")
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "true")
    monkeypatch.setenv("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "false")
    told = station.environment()
    assert told["PREFECT_WORKER_QUERY_SECONDS"] == "7"
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert told["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == "true"


#: The key as the example of the units' environment has it: long enough, and known to everybody.
EXAMPLE_FILE = PROJECT / "flows" / "systemd" / "municipality.env.example"
(EXAMPLE,) = re.findall(rf"^{KEY}=(.*)$", EXAMPLE_FILE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_key(host, monkeypatch):
    monkeypatch.delenv(KEY, raising=False)
    refuse_open_door(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "lagesbild.example.org"])
@pytest.mark.parametrize("key", [None, "", "operator:", "operator:short", ":" + "x" * 30, "x" * 30, EXAMPLE])
def test_listening_elsewhere_without_a_good_key_is_refused(host, key, monkeypatch):
    monkeypatch.setenv(KEY, key) if key is not None else monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(UsageError, match="Nothing was started"):
        refuse_open_door(host)
    monkeypatch.setenv(KEY, "operator:" + "x" * 20)
    refuse_open_door(host)


def test_up_on_an_open_address_without_a_key_starts_nothing_and_is_code_2(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(KEY, raising=False)
    words = ["--settings", "lindvik", "--data", str(tmp_path)]
    for verb in (["up"], ["part", "server"]):
        assert main([*verb, "--host", "0.0.0.0", *words]) == 2
        assert KEY in capsys.readouterr().err
    assert not (tmp_path / "prefect").exists()


def test_a_second_up_at_the_same_time_does_nothing_and_is_code_5(station, capsys):
    station.save()
    with (station.folder / "up.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for verb in ("up", "down"):
            assert main([verb, "--settings", "lindvik", "--data", str(station.store.folder)]) == 5
            assert "another `lagesbild up` or `down` is at work" in capsys.readouterr().err


def test_up_beside_another_server_on_the_port_starts_nothing_and_says_so(tmp_path, listener, capsys):
    words = ["--port", str(listener.server_port), "--settings", "lindvik", "--data", str(tmp_path)]
    assert main(["up", *words]) == 1
    assert "is taken by another server; give --port another number" in capsys.readouterr().err
    assert station_of(Store.at(tmp_path)) is None  # and nobody is sent there afterwards
    assert not (tmp_path / "prefect" / "run").exists()


def test_down_where_nothing_was_brought_up_says_so(tmp_path, capsys):
    assert main(["down", "--settings", "lindvik", "--data", str(tmp_path)]) == 0
    assert "nothing was brought up" in capsys.readouterr().out


def test_the_key_goes_to_the_clients_too_and_is_kept_in_no_file(station, monkeypatch):
    monkeypatch.setenv(KEY, "operator:a-very-secret-key-of-ours")
    station.save()
    assert station.environment()["PREFECT_API_AUTH_STRING"] == "operator:a-very-secret-key-of-ours"
    assert not [p for p in station.folder.rglob("*") if p.is_file() and b"secret" in p.read_bytes()]


def test_a_client_here_speaks_to_this_machine_though_the_server_listens_everywhere(station):
    assert replace(station, host="0.0.0.0", port=4300).api == "http://127.0.0.1:4300/api"
    assert replace(station, host="::1").api == "http://[::1]:4200/api"
    assert replace(station, host="prefect.example.org").api == "http://prefect.example.org:4200/api"


def test_every_command_finds_the_server_of_its_data_folder_unless_it_is_told_of_another(station, monkeypatch):
    monkeypatch.setattr("os.environ", {"PATH": "/bin"})
    import os

    find_server(station.store)
    assert os.environ == {"PATH": "/bin"}
    replace(station, port=4999).save()
    assert station_of(station.store) == replace(station, port=4999)
    find_server(station.store)
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:4999/api"
    assert os.environ["PREFECT_HOME"] == str(station.folder)
    os.environ["PREFECT_API_URL"] = "https://elsewhere.example.org/api"
    find_server(station.store)
    assert os.environ["PREFECT_API_URL"] == "https://elsewhere.example.org/api"


def test_a_damaged_note_of_the_station_is_none(station):
    station.save()
    (station.folder / "station.json").write_text('{"host": 5')
    assert station_of(station.store) is None


def test_what_prefect_keeps_is_closed_to_others(station):
    station.save()
    assert station.folder.stat().st_mode & 0o007 == 0
