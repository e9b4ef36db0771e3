"""Prefect is the shell: the same work with a server, without one, and with one that is dead."""

from __future__ import annotations

import json
import socket
import sys
import types
from datetime import UTC, datetime, timedelta

import pytest

from flows.cli import main
from flows.opened import open_settings
from flows.recorded import run_recorded
from flows.server_api import server_answers
from flows.store import AnotherRunError, Store
from tests.flows.crash_sweep import deliver
from tests.flows.made_up_nights import read_nights
from tests.flows.recorders import recorder
from tests.flows.test_refresh import land


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_without_a_server_the_run_is_not_recorded_and_nothing_is_waited_for(monkeypatch, tmp_path, closed_port):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert not server_answers()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{closed_port}/api")
    monkeypatch.setitem(sys.modules, "flows.overnight", None)  # the flow is not even begun
    assert run_recorded("lindvik", str(tmp_path), 0) is None


def test_with_a_dead_server_the_sheet_still_comes_out(monkeypatch, tmp_path, closed_port):
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{closed_port}/api")
    deliver(tmp_path, 1)
    assert main(["run", "--settings", "lindvik", "--data", str(tmp_path)]) in (0, 3)
    assert (tmp_path / "published" / "latest.html").exists()


def test_a_server_too_busy_to_record_costs_the_record_and_another_run_in_the_way_is_told_as_ever(monkeypatch, tmp_path):
    """Under load a briefing ended with Prefect's ConcurrencySlotAcquisitionError, a kind of its own."""
    from prefect.concurrency._asyncio import ConcurrencySlotAcquisitionError

    for fault, answer in ((ConcurrencySlotAcquisitionError("503"), None), (AnotherRunError("held"), AnotherRunError)):

        def overnight(*_, fault=fault):
            raise fault

        monkeypatch.setattr("flows.recorded.server_answers", lambda: True)
        monkeypatch.setitem(sys.modules, "flows.overnight", types.SimpleNamespace(overnight=overnight))
        if answer is None:
            assert run_recorded("lindvik", str(tmp_path), 0) is None
        else:
            with pytest.raises(answer):
                run_recorded("lindvik", str(tmp_path), 0)


@pytest.fixture(scope="module", params=["none", pytest.param("server", marks=pytest.mark.slow)])
def server(request):
    with recorder(request.param) as server:
        yield server


def test_the_overnight_flow_does_the_whole_job_and_is_recorded(server, tmp_path):
    from flows.overnight import overnight

    deliver(tmp_path, 1)
    result = overnight("lindvik", str(tmp_path))
    assert result.exit_code in (0, 3) and result.picture.sheet.exists()
    assert {f.feed: f.ingested.accepted for f in result.feeds}["guard_nordvakt"] == 9
    assert server.runs(tmp_path) == [("Completed", {"settings", "data", "wait_s"})]


def test_the_flows_tell_who_is_to_be_told_when_their_lock_is_free(server, tmp_path, monkeypatch):
    from flows import collect, overnight, picture, telling

    told = []

    def tell(store, settings, run, *result):
        with store.writing("a test"):
            told.append([one.exit_code for one in result])
        return telling.Told()

    monkeypatch.setattr(collect, "tell_how_feeds_are", tell)
    monkeypatch.setattr(picture, "tell_how_feeds_are", tell)
    monkeypatch.setattr(overnight, "tell_run", tell)
    deliver(tmp_path, 1)
    collect.collect("guard_nordvakt", "lindvik", str(tmp_path))
    picture.picture("lindvik", str(tmp_path))
    picture.picture("lindvik", str(tmp_path), only_if_news=True)  # by its clock too, with nothing new
    overnight.overnight("lindvik", str(tmp_path))
    assert told == [[], [], [], [0]]


def test_a_picture_flow_asks_for_an_offset(server, tmp_path):
    from flows.picture import picture

    with pytest.raises(ValueError, match="offset"):
        picture("lindvik", str(tmp_path), at=datetime(2026, 10, 1, 6, 0))  # noqa: DTZ001


def test_the_collect_flow_refuses_a_feed_nobody_has(server, tmp_path):
    from flows.collect import collect

    with pytest.raises(ValueError, match="no feed 'nobody'"):
        collect("nobody", "lindvik", str(tmp_path))


def test_one_writer_at_a_time_also_between_a_flow_and_the_command_line(server, tmp_path):
    from flows.picture import picture

    with Store.at(tmp_path).writing("the first"):
        with pytest.raises(AnotherRunError):
            picture("lindvik", str(tmp_path), wait_s=0)


def test_a_briefing_is_recorded_with_its_outcome_per_feed_and_a_link_to_the_sheet(server, tmp_path):
    from flows.briefing import briefing

    deliver(tmp_path, 1)
    result = briefing("lindvik", str(tmp_path), None, ["centrum"], "meeting", "en")
    assert result.picture.sheet.parent.name == "meeting_centrum"
    told = server.artifacts(tmp_path)
    (outcome,) = [json.loads(table) for table in told["outcome"]]
    nordvakt = next(row for row in outcome if row["feed"] == "guard_nordvakt")
    assert (nordvakt["status"], nordvakt["seen"], nordvakt["accepted"], nordvakt["rejected"]) == ("ok", 9, 9, 0)
    assert [row["feed"] for row in outcome] == list(open_settings("lindvik").feeds)
    (link,) = told["sheet"]
    assert result.picture.sheet.as_uri() in link


def test_a_briefing_refuses_what_it_cannot_do(server, tmp_path):
    from flows.briefing import briefing

    with pytest.raises(ValueError, match="no area 'nowhere'"):
        briefing("lindvik", str(tmp_path), areas=["nowhere"])
    with pytest.raises(ValueError, match="has not come yet"):
        briefing("lindvik", str(tmp_path), datetime.now(UTC) + timedelta(days=1))


def test_a_picture_is_made_for_news_only_where_there_is_some(server, tmp_path):
    from flows.picture import picture

    land(tmp_path)
    first = picture("lindvik", str(tmp_path), only_if_news=True)
    assert first.sheet.exists()  # and what had landed was read for it
    assert picture("lindvik", str(tmp_path), only_if_news=True) is None
    store = land(tmp_path, 2)
    assert picture("lindvik", str(tmp_path), only_if_news=True).picture_hash != first.picture_hash
    assert sum(f.row_count for f in store.lake.manifest().files if f.table == "report_version") == 18


def test_a_collect_that_need_not_ask_reads_what_landed_and_looks_nowhere(server, tmp_path):
    from flows.collect import collect

    store = land(tmp_path)
    deliver(tmp_path, 2)  # dropped, and not landed
    asked_at = datetime.now(UTC) - timedelta(seconds=5)
    result = collect("guard_nordvakt", "lindvik", str(tmp_path), ask=False, asked_at=asked_at, window_s=3)
    assert result.ingested.accepted == 9 and list(store.landing.attempts()) == []


def test_a_collect_tells_of_a_change_once_and_of_nothing_new_never(server, tmp_path, monkeypatch):
    from flows import outcome
    from flows.collect import collect

    told = []
    monkeypatch.setattr(outcome, "tell_change", lambda result: told.append(result.ingested.deliveries))
    land(tmp_path)
    collect("guard_nordvakt", "lindvik", str(tmp_path))
    assert told == [1]
    monkeypatch.undo()
    sent = []
    monkeypatch.setattr("flows.events.emit", lambda *names, **counts: sent.append((*names, counts)) or True)
    collect("guard_nordvakt", "lindvik", str(tmp_path))
    assert sent == []
    land(tmp_path, 2)
    collect("guard_nordvakt", "lindvik", str(tmp_path))
    counts = {"deliveries": 1, "quarantined": 0, "accepted": 9, "rejected": 0, "duplicate": 0}
    assert sent == [("lagesbild.feed.changed", "lagesbild.feed.guard_nordvakt", counts)]


def test_an_archive_is_read_by_the_flow_and_a_folder_without_one_refused(server, tmp_path):
    from flows.backfill import backfill

    deliver(tmp_path / "from", 1)
    folder = tmp_path / "from" / "drop" / "guard_nordvakt"
    with pytest.raises(ValueError, match="states in its name"):
        backfill("guard_nordvakt", str(folder), "lindvik", str(tmp_path))
    (folder / "night1.csv").rename(folder / "2026-10-20T0400Z.csv")
    assert backfill("guard_nordvakt", str(folder), "lindvik", str(tmp_path)).ingested.accepted == 9
    with pytest.raises(ValueError, match="no such folder"):
        backfill("guard_nordvakt", str(folder / "nowhere"), "lindvik", str(tmp_path))


def test_the_housekeeping_flow_merges_and_lets_go(server, tmp_path):
    from flows.housekeeping import housekeeping

    read_nights(tmp_path / "data", 1, 9)
    done = housekeeping("lindvik", str(tmp_path / "data"))
    assert done["files_merged"] > done["files_made"] > 0 and done["sheets_dropped"] == 0
    assert not Store.at(tmp_path / "data").lake.verify()


def test_a_server_that_goes_away_before_the_telling_costs_the_telling_alone(server, tmp_path, monkeypatch):
    import httpx

    from flows import outcome
    from flows.picture import picture

    def away(**_):
        raise httpx.ConnectError("gone")

    monkeypatch.setattr(outcome, "create_link_artifact", away)
    monkeypatch.setattr(outcome, "create_table_artifact", away)
    land(tmp_path)
    assert picture("lindvik", str(tmp_path)).sheet.exists()


def test_a_run_for_news_goes_where_another_waits_for_the_same(server, tmp_path):
    from flows.collect import collect
    from flows.picture import picture
    from flows.turns import in_line

    store = land(tmp_path)
    with in_line(store, "picture"), in_line(store, "collect-guard_nordvakt-read"):
        assert picture("lindvik", str(tmp_path), only_if_news=True, return_state=True).name == "Skipped"
        assert collect("guard_nordvakt", "lindvik", str(tmp_path), ask=False, return_state=True).name == "Skipped"
        assert store.lake.manifest().number == 0
        # What is wanted for itself is done all the same: the source is asked, the sheet is made.
        assert collect("guard_nordvakt", "lindvik", str(tmp_path)).ingested.accepted == 9
        assert picture("lindvik", str(tmp_path)).sheet.exists()


def test_a_second_night_and_a_second_housekeeping_at_once_do_nothing(server, tmp_path, monkeypatch):
    from prefect.exceptions import CancelledRun

    from flows import overnight as night
    from flows.housekeeping import housekeeping
    from flows.turns import only_one

    store = land(tmp_path)
    with only_one(store, "overnight"), only_one(store, "housekeeping"):
        with pytest.raises(AnotherRunError, match="is at it"):
            night.overnight("lindvik", str(tmp_path))
        monkeypatch.setattr(night, "due", lambda: datetime.now(UTC))
        assert night.overnight("lindvik", str(tmp_path), return_state=True).type.value == "CANCELLED"
        with pytest.raises(CancelledRun):
            housekeeping("lindvik", str(tmp_path))
    assert store.lake.manifest().number == 0 and not store.published.exists()


def test_a_night_that_was_due_before_another_began_has_been_done(server, tmp_path, monkeypatch):
    from flows import overnight as night

    due = datetime.now(UTC)
    assert night.overnight("lindvik", str(tmp_path)).picture.sheet.exists()
    monkeypatch.setattr(night, "due", lambda: due)
    assert night.overnight("lindvik", str(tmp_path), return_state=True).type.value == "CANCELLED"
    monkeypatch.setattr(night, "due", lambda: datetime.now(UTC))
    assert night.overnight("lindvik", str(tmp_path)).picture.sheet.exists()
