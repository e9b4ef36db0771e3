"""Where a municipality's data lives, who may write there now, and the run that writes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path

from flows.locks import held
from warehouse.files import FILE_MODE, make_folder, sweep_temp_files
from warehouse.lake import Lake
from warehouse.landing import Landing

#: The program's files that say what a picture says and how it looks; settings are kept by their own hashes.
PROGRAM_FILES = frozenset({".py", ".sql", ".csv", ".j2", ".css", ".json"})
SETTINGS_FOLDER = Path("flows", "municipality")


class AnotherRunError(Exception):
    """Another run holds the lock. The message says which, since when, and what to do."""


class FolderFault(OSError):
    """The data folder cannot be written in at all. ``strerror`` says which, why, what stands and what to do."""


@dataclass(frozen=True)
class Store:
    """The data folder of one municipality."""

    folder: Path

    @classmethod
    def at(cls, folder: str | Path) -> Store:
        return cls(Path(folder).expanduser().resolve())

    def free_bytes(self) -> int:
        """What is free on the disk that the data folder is on, or will be on once it is made."""
        return shutil.disk_usage(next(one for one in (self.folder, *self.folder.parents) if one.exists())).free

    @cached_property
    def landing(self) -> Landing:
        return Landing(self.folder / "landed")

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")

    @property
    def database(self) -> Path:
        return self.folder / "lagesbild-build.duckdb"

    @property
    def snapshot(self) -> Path:
        return self.folder / "lagesbild.duckdb"

    @property
    def copying(self) -> Path:
        """Where the analysts' snapshot is being made; whoever copies, and no run that writes, clears it."""
        return self.folder / "copying"

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures.jsonl"

    @property
    def handouts(self) -> Path:
        """What was handed out as a file, a line each (flows/handouts.py)."""
        return self.folder / "handouts.jsonl"

    @property
    def settings_kept(self) -> Path:
        return self.folder / "settings"

    @property
    def settings_last(self) -> Path:
        return self.folder / "last_good_settings"

    @property
    def past_lake(self) -> Path:
        return self.folder / "past"

    @property
    def past_database(self) -> Path:
        return self.folder / "lagesbild-past.duckdb"

    @property
    def part_database(self) -> Path:
        return self.folder / "lagesbild-part.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @property
    def public_blocks(self) -> Path:
        """The numbers of the public version as they were first published, a file a block of weeks."""
        return self.folder / "public_blocks"

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def alarms(self) -> Path:
        return self.folder / "alarms"

    @property
    def http_state(self) -> Path:
        return self.folder / "http"

    def _refuse_unusable(self) -> None:
        try:
            make_folder(self.folder)
            os.close(os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, FILE_MODE))
        except OSError as error:
            raise _unusable(self.folder, error) from None

    @contextmanager
    def writing(self, what: str, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the writer's lock. It is the kernel's, so a killed holder frees it at once.

        Raises AnotherRunError when another run still holds it after ``wait_s`` seconds, FolderFault where the folder
        can be neither made nor written in.
        """
        self._refuse_unusable()
        with held(self.folder / "lock", wait_s) as descriptor:
            if descriptor is None:
                raise AnotherRunError(_who_holds(self.folder))
            holder = {
                "pid": os.getpid(),
                "what": what,
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            # On a full disk the lock is held all the same, and the work says what it could not do.
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, json.dumps(holder).encode(), 0)
            with self.landing.alone():  # what the intake or the watcher is writing now is not left by a killed run
                sweep_temp_files(self.folder, keep=(self.drop, self.copying))
            yield


def _unusable(folder: Path, error: OSError) -> FolderFault:
    return FolderFault(
        error.errno,
        f"{folder}: {error.strerror}. The data folder cannot be written in, so nothing was changed, and what is there"
        " stands. Mount it, give this account the right, or name another with --data",
    )


def _who_holds(folder: Path) -> str:
    try:
        holder = json.loads((folder / "lock").read_bytes())
        who = f"process {holder['pid']} ({holder['what']}, since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return f"{folder}: {who} is writing. Nothing was changed. Wait for it, or run again with --wait SECONDS."


def utc_now() -> datetime:
    return datetime.now(UTC)


def no_progress(line: str, share: float | None = None) -> None:
    """Progress for those who do not watch."""


@dataclass(frozen=True)
class Run:
    """One run of the house: its name in the journal, its clock, and how it tells of its progress."""

    run_id: str
    now: Callable[[], datetime] = utc_now
    progress: Callable[..., None] = no_progress
    code_version: str = field(default_factory=lambda: code_version())

    @classmethod
    def start(cls, now: Callable[[], datetime] = utc_now, progress: Callable[..., None] = no_progress) -> Run:
        return cls(f"{now().strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(3)}", now, progress)


def code_version() -> str:
    """The installed version of the program, as the manifest and the sheet name it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lagesbild")
    except PackageNotFoundError:
        return "0+unknown"


@cache
def program_digest(root: Path | None = None) -> str:
    """What tells two programs of one version apart: SHA-256 (32 hex digits) over the files a picture follows from.

    ``root`` is the folder of the program, this one's unless given.
    """
    root = root or Path(__file__).resolve().parents[1]
    marks = hashlib.sha256()
    for package in ("connectors", "flows", "warehouse"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in PROGRAM_FILES and root / SETTINGS_FOLDER not in path.parents:
                body = hashlib.sha256(path.read_bytes()).hexdigest()
                marks.update(f"{path.relative_to(root).as_posix()} {body}\n".encode())
    return marks.hexdigest()[:32]
