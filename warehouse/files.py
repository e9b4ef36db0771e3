"""Writing files so that a reader sees the old file or the new one, whatever happens in between.

The steps are temp file in the same folder → fsync → rename → fsync of the folder. They survived every injected
kill and full disk in our trials; a plain write to the final name did not (see README.md in this folder).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

#: Files hold what a municipality knows of its streets: the owner writes, the group reads, others nothing.
FILE_MODE = 0o640
FOLDER_MODE = 0o750

#: How a half-written file is named; such files are swept at the next run and never read.
TEMP_PREFIX = ".part-"


def make_folder(folder: Path) -> Path:
    """Make ``folder`` and its parents, readable by owner and group only. Returns it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        folder.chmod(FOLDER_MODE)
        sync(folder.parent)
    return folder


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, durable: without the latter a rename may be lost with the power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temp_name(target: Path) -> Path:
    """A new empty file beside ``target`` to write into."""
    descriptor, name = tempfile.mkstemp(prefix=TEMP_PREFIX, dir=target.parent)
    os.close(descriptor)
    return Path(name)


def write_with(target: Path, write: Callable[[Path], None], mode: int = FILE_MODE) -> None:
    """Let ``write`` fill a temp file, then put it in ``target``'s place, durably, with the rights ``mode``.

    Raises what ``write`` raises, and OSError; ``target`` is then untouched and the temp file gone.
    """
    make_folder(target.parent)
    temp = temp_name(target)
    try:
        write(temp)
        temp.chmod(mode)
        sync(temp)
        temp.replace(target)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    sync(target.parent)


def write_bytes(target: Path, content: bytes) -> None:
    """Put ``content`` in ``target``'s place, durably."""
    write_with(target, lambda temp: _write_all(temp, content))


def _write_all(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def write_many(contents: Mapping[Path, bytes]) -> None:
    """Put each content in its target's place, all of them durable on return; each folder is made durable once.

    A file is in its place whole or not at all, but of several some may be when this is cut short: what names them is
    written after. Raises OSError; no temp file of it is left then.
    """
    folders = dict.fromkeys(target.parent for target in contents)
    for folder in folders:
        make_folder(folder)
    temps: dict[Path, Path] = {}
    try:
        for target, content in contents.items():
            descriptor, name = tempfile.mkstemp(prefix=TEMP_PREFIX, dir=target.parent)
            temps[target] = Path(name)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                _write_whole(descriptor, content)
                os.fchmod(descriptor, FILE_MODE)
                os.fsync(file.fileno())
        for target, temp in temps.items():
            temp.replace(target)
    except BaseException:
        for temp in temps.values():
            temp.unlink(missing_ok=True)
        raise
    for folder in folders:
        sync(folder)


def _write_whole(descriptor: int, content: bytes) -> None:
    """Write all of it: a disk that fills up takes a part, and says so only when asked to take the rest."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex, read a megabyte at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep_temp_files(folder: Path, keep: Collection[Path] = ()) -> int:
    """Remove what a killed run left half-written below ``folder``; returns how many. Only with the writer's lock.

    Below the folders ``keep`` nothing is touched: files of such names are somebody else's there.
    """
    count = 0
    for place, folders, files in os.walk(folder):  # four times as fast as a glob, and this is done before every run
        here = Path(place)
        for name in [name for name in folders if name.startswith(TEMP_PREFIX)]:
            shutil.rmtree(here / name, ignore_errors=True)
            folders.remove(name)
            count += 1
        folders[:] = [name for name in folders if here / name not in keep]
        for name in files:
            if name.startswith(TEMP_PREFIX):
                (here / name).unlink(missing_ok=True)
                count += 1
    return count


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the kernel's lock on ``path``, waiting for whoever holds it. It is free again when its holder dies."""
    make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def append_line(path: Path, line: str) -> None:
    """Add one line of ASCII to a journal, written whole and made durable: see append_lines."""
    append_lines(path, [line])


def append_lines(path: Path, lines: Sequence[str] | Callable[[int, int], Sequence[str]]) -> None:
    """Add lines of ASCII to a journal, durable on return; cut short, the first of them may stand, the last one torn.

    Lines that follow from what stands before them are given as a function of the open file and its size in bytes; it is
    called while nobody else can add any. A torn tail left by a kill is closed off first. Raises OSError.
    """
    make_folder(path.parent)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        text = "".join(line + "\n" for line in (lines(descriptor, size) if callable(lines) else lines))
        _write_whole(descriptor, (b"\n" if is_torn else b"") + text.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync(path.parent)


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of ``files`` (bytes by name) in ``target``'s place, durably and whole.

    A folder cannot take another's place in one step: between the two renames there is none, which a reader takes for
    not yet published. Raises OSError; what stood at ``target`` stands there still.
    """
    make_folder(target.parent)
    temp = Path(tempfile.mkdtemp(prefix=TEMP_PREFIX, dir=target.parent))
    replaced = temp.with_name(temp.name + "-old")
    try:
        for name, content in files.items():
            path = temp / name
            path.write_bytes(content)
            path.chmod(FILE_MODE)
            sync(path)
        temp.chmod(FOLDER_MODE)
        sync(temp)
        if target.exists():
            target.rename(replaced)
        try:
            temp.rename(target)
        except BaseException:
            if replaced.exists():
                replaced.rename(target)
            raise
    except BaseException:
        shutil.rmtree(temp, ignore_errors=True)
        raise
    sync(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove ``folder`` with all in it; it is out of the way at once, whatever happens while its files go."""
    if folder.is_dir():
        doomed = folder.with_name(f"{TEMP_PREFIX}{folder.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        folder.rename(doomed)
        shutil.rmtree(doomed)
