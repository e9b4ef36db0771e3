"""What keeps a record of flows: Prefect's server, or nothing but this process, in which a flow is its plain function.

A server of one's own costs fifteen seconds of computing. What our flows do - their order, their locks, what they tell -
is the same without one; that the record is right is asked of the real one by the slow tests.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class RealServer:
    """Prefect's own, with a database of its own."""

    def runs(self, folder: Path) -> list[tuple[str, set[str]]]:
        """The runs over ``folder``: the name of each's state, and its parameters' names."""
        return [(run.state_name, set(run.parameters)) for run in self._runs(folder)]

    def artifacts(self, folder: Path) -> dict[str, list[str]]:
        """The artifacts of the runs over ``folder``: key → what they hold, the newest last."""
        from prefect.client.orchestration import get_client

        ids = {run.id for run in self._runs(folder)}
        with get_client(sync_client=True) as client:
            rows = sorted(client.read_artifacts(), key=lambda row: row.created)
        found: dict[str, list[str]] = {}
        for row in rows:
            if row.flow_run_id in ids:
                found.setdefault(row.key, []).append(str(row.data))
        return found

    def _runs(self, folder: Path) -> list[Any]:
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            return [run for run in client.read_flow_runs() if run.parameters.get("data") == str(folder)]


class NoServer:
    """Answers the same of what was called in this process."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        import prefect
        from prefect.exceptions import CancelledRun

        from flows import outcome

        self.began: list[tuple[str, str, set[str]]] = []
        self.kept: list[tuple[str, str, str]] = []

        def run(flow: Any, *args: Any, return_state: bool = False, **values: Any) -> Any:
            bound = inspect.signature(flow.fn).bind(*args, **values)
            bound.apply_defaults()
            folder = str(bound.arguments["data"])
            self.began.append((folder, "Running", set(bound.arguments)))
            place = len(self.began) - 1
            told = flow.fn(*args, **values)
            is_state = isinstance(told, prefect.State)
            self.began[place] = (folder, told.name if is_state else "Completed", set(bound.arguments))
            if is_state and not return_state:
                if told.is_cancelled():
                    raise CancelledRun(told.message)
                return None
            return told

        def keep(key: str, table: Any = None, link: str = "", **_: str) -> None:
            self.kept.append((self.began[-1][0], key, json.dumps(table) if table else link))

        patched.delenv("PREFECT_API_URL", raising=False)
        patched.setattr(prefect.Flow, "__call__", run)
        patched.setattr(prefect.Task, "__call__", lambda task, *args, **values: task.fn(*args, **values))
        for name in ("create_table_artifact", "create_link_artifact"):
            patched.setattr(outcome, name, keep)

    def runs(self, folder: Path) -> list[tuple[str, set[str]]]:
        return [(state, names) for where, state, names in self.began if where == str(folder)]

    def artifacts(self, folder: Path) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for where, key, told in self.kept:
            if where == str(folder):
                found.setdefault(key, []).append(told)
        return found


@contextmanager
def recorder(kind: str) -> Iterator[RealServer | NoServer]:
    """``kind`` is 'server' or 'none'."""
    if kind == "none":
        with pytest.MonkeyPatch.context() as patched:
            yield NoServer(patched)
    else:
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=600):
            yield RealServer()
