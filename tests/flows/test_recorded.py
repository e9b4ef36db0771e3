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
