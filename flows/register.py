"""Making a Prefect server know this municipality: work pool, deployments, automations; and what a kill left, closed.

    lagesbild register        where `lagesbild up` does not do it: before the worker starts under systemd

Twice is harmless: what the server has already is left as it is, so a schedule paused by hand stays paused.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from flows.deployments import filled_in
from flows.forms import shaped
from flows.processes import look, this_process
from flows.server_api import PATIENT_S, ServerAway, ask
from flows.station import PROJECT, WORK_POOL, Station
from warehouse.files import write_bytes

if TYPE_CHECKING:
    from flows.settings import Settings

#: Runs of ours carry this tag, so that nothing of anybody else's on the same server is touched.
TAG = "lagesbild"
#: A scheduled run this late is not made up for when a later one of the same deployment waits: the later one does the
#: same work. Decided 2026-11-26.
LATE = timedelta(minutes=15)

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class RegisterFault(Exception):
    """The server would not take what prefect.yaml says. The message holds the server's or Prefect's own words."""


def register(settings: Settings, station: Station) -> dict[str, int]:
    """Make the server the environment names know what prefect.yaml says; returns what was done, in counts.

    Raises RegisterFault, and ServerAway where the server stops answering.
    """
    plan = filled_in(settings, station)
    done = {"closed": close_dead_runs(), "dropped": drop_late_runs()}
    have = {(row["name"], row["version"]) for row in _deployments()}
    wanted = {(row["name"], row["version"]) for row in plan["deployments"]}
    done["deployed"] = 0 if wanted <= have else _deploy(plan, settings, station)
    _unpause(station)
    done["removed"] = _remove_others({name for name, _ in wanted})
    done["automations"] = sum(_automation(row) for row in plan["automations"])
    return done


def _ask(method: str, path: str, body: Any = None) -> Any:
    """Patiently: a server started anew after a kill took more than thirty seconds for its first answer (load 20 on two
    cores, 2026-11-26). A question is put three times, a change once."""
    for _ in range(2 if method == "GET" or path.endswith("/filter") else 0):
        with suppress(ServerAway):
            return ask(method, path, body, timeout_s=PATIENT_S, busy_s=PATIENT_S)
    return ask(method, path, body, timeout_s=PATIENT_S, busy_s=PATIENT_S)


def _deployments() -> list[dict[str, Any]]:
    query = {"deployments": {"tags": {"all_": [TAG]}}, "limit": 200}
    rows: list[dict[str, Any]] = _ask("POST", "/deployments/filter", query)
    return rows


def _deploy(plan: dict[str, Any], settings: Settings, station: Station) -> int:
    pools = _ask("POST", "/work_pools/filter", {"work_pools": {"name": {"any_": [WORK_POOL]}}})
    if not pools:
        _prefect(station, "work-pool", "create", WORK_POOL, "--type", "process")
    file = station.folder / "prefect.yaml"
    words = {key: value for key, value in plan.items() if key != "automations"}
    write_bytes(file, yaml.safe_dump(words, allow_unicode=True, sort_keys=False).encode())
    _prefect(station, "--no-prompt", "deploy", "--all", "--prefect-file", str(file))
    rows = _deployments()
    for row in rows:
        form = shaped(row["parameter_openapi_schema"], settings, row["parameters"])
        _ask("PATCH", f"/deployments/{row['id']}", {"parameter_openapi_schema": form})
    return len(rows)


def pause(station: Station) -> None:
    """Let the worker begin no more runs, until ``register``. Raises ServerAway."""
    _ask("PATCH", f"/work_pools/{WORK_POOL}", {"is_paused": True})
    write_bytes(station.folder / "run" / "paused", b"")


def _unpause(station: Station) -> None:
    """Undo our own pause; one that somebody set in the console stays."""
    if (station.folder / "run" / "paused").exists():
        _ask("PATCH", f"/work_pools/{WORK_POOL}", {"is_paused": False})
        (station.folder / "run" / "paused").unlink()


def _prefect(station: Station, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *words],
        env=station.environment(),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        told = (done.stdout + done.stderr).strip()[-1500:]
        raise RegisterFault(f"prefect {words[0]} {words[1]}: code {done.returncode}: {told}")


def _remove_others(wanted: set[str]) -> int:
    """Take away our deployments that prefect.yaml or the settings no longer name: a feed given up, say."""
    others = [row for row in _deployments() if row["name"] not in wanted]
    for row in others:
        _ask("DELETE", f"/deployments/{row['id']}")
    return len(others)


def _automation(wanted: dict[str, Any]) -> int:
    """Make one automation, or make it anew where the server's differs; 1 where something was done."""
    found = [row for row in _ask("POST", "/automations/filter", {"limit": 200}) if row["name"] == wanted["name"]]
    if len(found) == 1 and _says(found[0], wanted):
        return 0
    for row in found:
        _ask("DELETE", f"/automations/{row['id']}")
    _ask("POST", "/automations/", wanted)
    return 1


def _says(row: Any, wanted: Any) -> bool:
    """Whether what the server has says all that is wanted; it adds much of its own, and puts lists in its own order."""
    if isinstance(wanted, dict):
        return isinstance(row, dict) and all(_says(row.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(row, list) and len(row) == len(wanted) and all(any(_says(r, w) for r in row) for w in wanted)
    return bool(row == wanted)


def close_dead_runs() -> int:
    """Close the runs that a kill left standing as Running, whose process is gone; returns how many.

    They would hold their deployment's place. What they did is in the lake and its journal; what they left undone the
    next run does. Where the system does not show its processes nothing is closed; the heartbeat's automation does it.
    """
    if not Path("/proc/self/environ").exists():
        return 0
    open_states = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}, "limit": 200}
    alive = _runs_alive()
    count = 0
    for run in _ask("POST", "/flow_runs/filter", open_states):
        if run["id"] in alive or any(tag in alive for tag in run["tags"]):
            continue
        state = {"type": "CRASHED", "message": "Closed by `lagesbild register`: the process of this run is gone."}
        _ask("POST", f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
        count += 1
    return count


def process_tag() -> str:
    """The tag by which a run made in this very process is known to be alive."""
    process = this_process("run")
    return f"process:{process.pid}:{process.mark}"


def _runs_alive() -> set[str]:
    """The ids of the runs whose process lives on this machine, and the tags of processes of our own."""
    found = set()
    for pid, (_, mark) in look().items():
        found.add(f"process:{pid}:{mark}")
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        for line in environment.split(b"\0"):
            if line.startswith(b"PREFECT__FLOW_RUN_ID="):
                found.add(line.partition(b"=")[2].decode(errors="replace"))
    return found


def drop_late_runs() -> int:
    """Of each deployment's late runs keep the newest, and cancel the others; returns how many were cancelled.

    After a night without a worker a day's collects would otherwise follow each other, all of them the same.
    """
    late = {
        "flow_runs": {
            "state": {"type": {"any_": ["SCHEDULED"]}},
            "next_scheduled_start_time": {"before_": (datetime.now(UTC) - LATE).isoformat()},
        },
        "sort": "NEXT_SCHEDULED_START_TIME_ASC",
        "limit": 200,
    }
    runs = [run for run in _ask("POST", "/flow_runs/filter", late) if run["auto_scheduled"]]
    newest = {run["deployment_id"]: run["id"] for run in runs}
    dropped = [run for run in runs if newest[run["deployment_id"]] != run["id"]]
    for run in dropped:
        state = {"type": "CANCELLED", "message": "Late; a later run of the same deployment does the same work."}
        _ask("POST", f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
    return len(dropped)


__all__ = ["RegisterFault", "ServerAway", "close_dead_runs", "drop_late_runs", "pause", "process_tag", "register"]
