"""What a run that a server records asks it for, and what it does not."""

from __future__ import annotations

import pytest
from prefect import tags
from prefect.context import TagsContext

from flows.results import PictureResult, RunResult


@pytest.mark.parametrize(("job", "step"), [("briefing", "brief"), ("overnight", "collect_task")])
def test_no_task_of_a_run_carries_a_tag_for_which_prefect_would_ask_the_server_first(tmp_path, monkeypatch, job, step):
    """Sixteen questions a briefing, and a 503 to one of them was a failed run that was then done a second time."""
    import flows.briefing
    import flows.overnight

    module, seen = getattr(flows, job), []

    def work(*_, **__):
        seen.append(set(TagsContext.get().current_tags))
        return RunResult("x", picture=PictureResult(sheet=tmp_path / "sheet.html"))

    monkeypatch.setattr(module, step, work)
    if job == "overnight":
        monkeypatch.setattr(module, "due", lambda: None)
        monkeypatch.setattr(module.job, "keep_house", lambda *_: None)
        monkeypatch.setattr(module, "picture_task", lambda *_: work().picture)
        monkeypatch.setattr(module, "tell_run", lambda *_: RunResult("x"))
        monkeypatch.setattr(RunResult, "faults", (), raising=False)
        monkeypatch.setattr(RunResult, "exit_code", 0)
    for tell in ("tell_feeds", "tell_picture"):
        monkeypatch.setattr(module, tell, lambda *_, **__: None)
    with tags("lagesbild", "process:1:1"):
        getattr(module, job).fn("lindvik", str(tmp_path / "data"))
        assert TagsContext.get().current_tags == {"lagesbild", "process:1:1"}
    assert seen and all(found == set() for found in seen)


def test_a_night_begun_late_goes_where_one_that_began_after_it_was_due_has_done_its_work(tmp_path, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from flows import overnight
    from flows.store import Store
    from flows.turns import note_done

    began_at = datetime(2026, 11, 26, 4, 10, tzinfo=UTC)
    note_done(Store.at(tmp_path), "overnight", began_at)
    monkeypatch.setattr(overnight, "collect_task", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(overnight, "due", lambda: began_at - timedelta(minutes=10))
    state = overnight.overnight.fn("lindvik", str(tmp_path))
    assert (state.type.value, state.message) == ("CANCELLED", overnight.DONE_SINCE)
    monkeypatch.setattr(overnight, "due", lambda: began_at + timedelta(days=1))
    with pytest.raises(ZeroDivisionError):  # the next night is begun
        overnight.overnight.fn("lindvik", str(tmp_path))


def test_a_flow_that_only_the_server_did_not_see_end_is_not_done_a_second_time(tmp_path, monkeypatch):
    """Its work is done, committed and told; the last state could not be set, and Prefect raises that."""
    import httpx
    import prefect

    import flows.make_picture
    import flows.refresh
    from flows.cli import main

    begun = []
    make = flows.refresh.make_picture

    def counted(*args, **values):
        begun.append(args)
        return make(*args, **values)

    def ends_unseen(flow, *args, **values):
        flow.fn(*args, **values)
        raise httpx.ConnectError("the server is gone")

    monkeypatch.setattr("flows.recorded.server_answers", lambda: True)
    monkeypatch.setattr(prefect.Flow, "__call__", ends_unseen)
    monkeypatch.setattr(prefect.Task, "__call__", lambda task, *args, **values: task.fn(*args, **values))
    for module in ("flows.refresh", "flows.picture", "flows.job"):
        monkeypatch.setattr(f"{module}.make_picture", counted)
    monkeypatch.setattr("flows.outcome._told", lambda *_, **__: None)
    where = ["--settings", "lindvik", "--data", str(tmp_path)]
    for verb in ("briefing", "run"):
        assert main([verb, *where]) in (0, 3)
        assert len(begun) == 1
        begun.clear()


def test_what_one_flow_came_to_is_no_answer_for_the_next_one(monkeypatch):
    from flows import recorded

    monkeypatch.setattr(recorded, "server_answers", lambda: True)
    recorded.came_to(RunResult("the one before"))

    def dies():
        raise RuntimeError("half-way")

    assert recorded._recorded(dies) is None
