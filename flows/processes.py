"""Long-running processes of ours: started into the background, found again, stopped with everything they started.

A process is known by its number, when it started and which boot of the machine that was: a number that has been
given to somebody else since is never taken for ours, let alone killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.files import make_folder, write_bytes

#: A log larger than this is put aside when its process starts; one older one is kept.
LOG_BYTES = 20_000_000


@dataclass(frozen=True)
class Process:
    """A process as its pid file tells. ``mark`` is when it started, in the kernel's words."""

    name: str
    pid: int
    mark: str
    boot: str

    def is_alive(self) -> bool:
        return self.boot == boot() and look().get(self.pid, (0, ""))[1] == self.mark

    def family(self) -> list[int]:
        """The numbers of the process and of those it started that live on, also when it has ended itself.

        All stand in the group it leads. The kernel gives a group's number to nobody while one of the group lives.
        """
        if self.boot != boot():
            return []
        found = look()
        if self.pid in found and found[self.pid][1] != self.mark:
            return []  # the number is somebody else's by now, so nobody of the group was left
        return [pid for pid, (group, _) in found.items() if group == self.pid]


def look() -> dict[int, tuple[int, str]]:
    """Every living process: its number → (number of its group, when it started). A zombie is dead."""
    if not Path("/proc/self/stat").exists():
        return _look_with_ps()
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError, IndexError):  # it ended meanwhile
                # The second field is the program's name and may hold anything, a bracket too.
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    found[int(folder.name)] = (int(fields[2]), fields[19])
    return found


def _look_with_ps() -> dict[int, tuple[int, str]]:
    words = ["ps", "-axo", "pid=,pgid=,stat=,lstart="]
    lines = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    rows = (line.split(None, 3) for line in lines.stdout.splitlines())
    return {int(row[0]): (int(row[1]), row[3].strip()) for row in rows if len(row) == 4 and row[2][0] != "Z"}


def boot() -> str:
    """Which boot of the machine this is; empty where the system does not tell."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def this_process(name: str) -> Process:
    return Process(name, os.getpid(), look()[os.getpid()][1], boot())


def note(folder: Path, process: Process) -> None:
    """Write the pid file."""
    make_folder(folder)
    write_bytes(folder / f"{process.name}.json", (json.dumps(asdict(process)) + "\n").encode())


def noted(folder: Path, name: str) -> Process | None:
    """What the pid file of ``name`` tells, whether it lives or not; None where there is none."""
    try:
        return Process(**json.loads((folder / f"{name}.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def forget(folder: Path, name: str) -> None:
    (folder / f"{name}.json").unlink(missing_ok=True)


def trim(log: Path) -> None:
    """Begin a log anew that has grown too large; the one before is kept beside it."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def start(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, run: Path) -> Process:
    """Start ``command`` in a session of its own, its words into ``log``, its pid file into ``run``.

    Raises OSError where it cannot be started.
    """
    make_folder(log.parent)
    trim(log)
    with log.open("ab") as words:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=log.parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o027,
        )
    process = Process(name, child.pid, look().get(child.pid, (0, ""))[1], boot())
    note(run, process)
    return process


def stop(process: Process, grace_s: float) -> bool:
    """Ask the process to stop, and after ``grace_s`` make it, with all it started; False where force was needed.

    What it leaves behind when it has ended is asked too, and made to two seconds later.
    """
    if process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
    is_willing = _within(grace_s, lambda: not process.is_alive(), process)
    for number, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 10.0)):
        for pid in process.family():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if _within(seconds, lambda: not process.family(), process):
            break
    return is_willing


def _within(seconds: float, is_so: Callable[[], bool], process: Process) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)
        with suppress(ChildProcessError):  # our own child is a zombie until it is asked after
            os.waitpid(process.pid, os.WNOHANG)
    return True
