"""A real server and worker, brought up by one command: what must happen by itself, and on demand.

python -m pytest -m slow tests/flows/test_up.py -n 0 -s        prints how long each leg took
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.parts import parts_here
from flows.processes import look
from flows.settings import read_settings
from tests.flows.raised import Raised, legs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.usefixtures("quiet")]


def test_one_command_brings_up_every_part_and_registers_every_deployment(raised: Raised):
    assert all(raised.part(name).is_alive() for name in parts_here()) and set(parts_here()) >= {"server", "worker"}
    rows = raised.ask("POST", "/deployments/filter", {"deployments": {"tags": {"all_": ["lagesbild"]}}})
    jobs = {"overnight", "picture", "weekly", "briefing", "record_decision", "housekeeping", "backfill"}
    feeds = set(read_settings(raised.settings).feeds)
    assert {row["name"] for row in rows} == jobs | feeds
    assert {row["parameters"]["feed"] for row in rows if row["name"] not in jobs} == feeds
    status = raised.lagesbild("status").stdout
    assert all(f"{part}: up" in status for part in parts_here())


def test_the_night_is_scheduled_for_five_local_time(raised: Raised):
    """With another release of a library the scheduler made no runs at all, and only the server's log said so."""
    body = {"deployments": {"name": {"any_": ["overnight"]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    found = raised.until(lambda: raised.ask("POST", "/flow_runs/filter", body), 120, "scheduled nights")
    assert {run["next_scheduled_start_time"][11:16] for run in found} <= {"03:00", "04:00"}  # UTC
    body["deployments"] = {"name": {"any_": ["guard_nordvakt"]}}
    assert raised.until(lambda: raised.ask("POST", "/flow_runs/filter", body), 120, "scheduled collects")


def test_up_again_is_harmless_and_undoes_nothing_that_was_paused_by_hand(raised: Raised):
    before = {name: raised.part(name) for name in parts_here()}
    (row,) = raised.ask("POST", "/deployments/filter", {"deployments": {"name": {"any_": ["housekeeping"]}}})
    schedule = row["schedules"][0]["id"]
    raised.ask("PATCH", f"/deployments/{row['id']}/schedules/{schedule}", {"active": False})
    assert "no new deployments registered" in raised.up()
    assert {name: raised.part(name) for name in parts_here()} == before
    (row,) = raised.ask("POST", "/deployments/filter", {"deployments": {"name": {"any_": ["housekeeping"]}}})
    assert [s["active"] for s in row["schedules"]] == [False]
    raised.ask("PATCH", f"/deployments/{row['id']}/schedules/{schedule}", {"active": True})
    (heartbeat,) = [a for a in raised.ask("POST", "/automations/filter", {}) if "heartbeat" in a["name"]]
    assert heartbeat["enabled"]


def test_the_console_asks_for_areas_and_feeds_by_name_and_refuses_others(raised: Raised):
    row = raised.ask("GET", "/deployments/name/briefing/briefing")
    fields = row["parameter_openapi_schema"]["properties"]
    assert "hamnen" in fields["areas"]["items"]["enum"] and fields["audience"]["enum"] == ["meeting", "partners"]
    from flows.server_api import ServerAway

    with pytest.raises(ServerAway, match="409"):
        raised.run("briefing/briefing", areas=["nowhere"])


def test_another_site_s_page_in_the_operator_s_browser_can_start_nothing(raised: Raised):
    import requests

    row = raised.ask("GET", "/deployments/name/overnight/overnight")
    url = f"{raised.station.api}/deployments/{row['id']}/create_flow_run"
    answer = requests.post(url, json={}, headers={"Origin": "https://elsewhere.example"}, timeout=20)
    assert answer.status_code == 403
    answer = requests.get(f"{raised.station.api}/health", headers={"Origin": "https://elsewhere.example"}, timeout=20)
    assert answer.headers.get("access-control-allow-origin") in (None, raised.station.api.removesuffix("/api"))


def legs_of_arrival(raised: Raised, title: str, arrive: Callable[[], object]) -> None:
    """Let a delivery of five reports arrive, and wait for the sheet that holds them."""
    rows, began = raised.rows(), time.time()
    count = len(raised.store.landing.deliveries("guard_nordvakt"))
    arrive()
    raised.until(lambda: len(raised.store.landing.deliveries("guard_nordvakt")) > count, 60, "the delivery to land")
    landed = time.time()
    raised.until(lambda: raised.rows() == rows + 5, 120, "the delivery to be read")
    read = time.time()
    raised.until(lambda: raised.newest() > began, 120, "the sheet")
    out = time.time()
    collect = raised.until(lambda: raised.runs(began, "guard_nordvakt"), 10, "the collect")[0]
    started = datetime.fromisoformat(collect["start_time"].replace("Z", "+00:00")).timestamp()
    steps = {"to_landed": landed - began, "to_collect_running": started - landed, "to_read": read - started}
    legs(title, **steps, to_sheet=out - read, in_all=out - began)


def test_a_dropped_file_becomes_a_sheet_by_itself(raised: Raised):
    legs_of_arrival(raised, "a dropped file", lambda: raised.drop("A"))


def test_a_pushed_delivery_becomes_a_sheet_by_itself_and_the_same_push_again_does_nothing(raised: Raised):
    def push() -> None:
        assert raised.push("P") == 201

    legs_of_arrival(raised, "a pushed delivery", push)
    assert raised.push("P") == 200


def test_many_arrivals_in_a_short_time_give_one_sheet_and_none_is_missed(raised: Raised):
    rows, before = raised.rows(), raised.newest()
    began = time.time()
    for name in ("B", "C", "D", "E"):
        raised.drop(name)
        raised.drop(name + "x", "bostad_lindhem")  # in no shape that feed reads: it is quarantined, and news too
    raised.until(lambda: raised.rows() == rows + 20, 120, "all files to be read")
    raised.until(lambda: raised.newest() > before, 120, "the sheet")

    def over() -> bool:
        return all(run["state_type"] in ("COMPLETED", "CANCELLED") for run in raised.runs(began))

    raised.until(over, 120, "quiet")
    time.sleep(5)
    raised.until(over, 120, "quiet")
    from warehouse.publish import published_back

    sheets = [at for at, _ in published_back(raised.store.published) if at.timestamp() > began]
    collects = len(raised.runs(began, "guard_nordvakt")) + len(raised.runs(began, "bostad_lindhem"))
    print(f"\n8 files: {collects} collects, {len(raised.runs(began, 'picture'))} picture runs, {len(sheets)} sheets")
    assert 1 <= len(sheets) <= 2 and collects < 8
    from flows.refresh import is_overtaken

    assert not is_overtaken(raised.store, datetime.now(UTC))


def test_a_briefing_in_this_process_is_recorded_by_the_server(raised: Raised):
    began = time.time()
    done = raised.lagesbild("briefing")
    legs("a briefing in this process", in_all=time.time() - began)
    assert done.returncode in (0, 3), done.stderr
    (run,) = [r for r in raised.runs(began) if "picture" not in r["name"] and r["deployment_id"] is None]
    assert run["state_type"] == "COMPLETED" and run["parameters"]["audience"] == "meeting"
    assert raised.newest() > began


def test_a_briefing_asked_of_the_server_comes_out_where_it_says(raised: Raised):
    began = time.time()
    done = raised.lagesbild("briefing", "--api", "--area", "centrum", "--lang", "en")
    legs("a briefing by the worker", in_all=time.time() - began)
    assert done.returncode == 0, done.stderr
    sheet = Path(done.stdout.strip().removeprefix("The sheet: "))
    assert sheet.parent.name == "meeting_centrum" and sheet.name.endswith("_en.html")
    assert 'lang="en"' in sheet.read_text(encoding="utf-8")


def test_two_triggers_at_once_make_one_night_and_no_second_writer(raised: Raised):
    rows = raised.rows()
    name = "F"
    folder = raised.data / "drop" / "guard_nordvakt"
    raised.drop(name)
    asked = [raised.run("overnight/overnight") for _ in range(2)]
    asked += [raised.run("collect/guard_nordvakt"), raised.run("picture/picture"), raised.run("briefing/briefing")]
    ended = [raised.ended(run) for run in asked]
    assert sorted(ended[:2]) == ["CANCELLED", "COMPLETED"] and set(ended[2:]) == {"COMPLETED"}, ended
    assert raised.rows() == rows + 5 and not raised.store.lake.verify()
    assert len(list(folder.glob(f"{name}.csv"))) == 1
    sums = [o for o in raised.store.landing.deliveries("guard_nordvakt") if o.name == f"{name}.csv"]
    assert len(sums) == 1


def test_no_payload_is_in_prefect_s_record_nor_in_what_the_parts_wrote(raised: Raised):
    canaries = ["Kanariefågel", "19811218-9876", "070-1740605", "anna.kanarie@example.org"]
    raised.drop("Q", word="Kanariefågel 19811218-9876 070-1740605 anna.kanarie@example.org")
    raised.until(lambda: raised.ended(raised.run("overnight/overnight")) == "COMPLETED", 200, "the night")
    raised.until(lambda: raised.ended(raised.run("briefing/briefing")) == "COMPLETED", 200, "the briefing")
    landed = b"".join(p.read_bytes() for p in (raised.data / "landed" / "objects").rglob("*") if p.is_file())
    kept = [p for p in (raised.data / "prefect").rglob("*") if p.is_file()]
    assert {p.name for p in kept} >= {"prefect.db", "server.log", "worker.log"}
    for canary in canaries:
        assert canary.encode("cp1252") in landed, "the delivery must hold it, or this test proves nothing"
        for path in kept:
            assert canary.encode() not in path.read_bytes(), f"{canary} is in {path.name}"
            assert canary.encode("cp1252") not in path.read_bytes(), f"{canary} is in {path.name}"


def test_down_lets_a_run_under_way_come_to_its_end_and_begins_no_more(raised: Raised):
    with raised.store.writing("the test", 60):
        run = raised.holding()
        stopping = threading.Thread(target=raised.lagesbild, args=("down",))
        stopping.start()
        paused = raised.data / "prefect" / "run" / "paused"
        raised.until(paused.exists, 60, "the worker to begin no more")
        later = raised.run("housekeeping/housekeeping")
        time.sleep(5)
        assert raised.part("worker").is_alive() and raised.state(run) == "RUNNING"
        assert raised.state(later) == "SCHEDULED"
    stopping.join()
    raised.up()
    assert raised.state(run) == "COMPLETED" and raised.ended(later) == "COMPLETED"


def test_down_leaves_nothing_running_and_up_finds_everything_again(raised: Raised):
    before = {pid for part in parts_here() for pid in raised.part(part).family()}
    done = raised.lagesbild("down")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"stopped: {', '.join(reversed(parts_here()))}"
    assert not before & set(look())
    assert raised.lagesbild("down").stdout.strip() == "stopped: nothing was up"
    assert raised.lagesbild("briefing").returncode in (0, 3)  # without a server the sheet comes out too
    assert "no new deployments registered" in raised.up()
