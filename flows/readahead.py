"""Reading many deliveries in processes of their own, ahead of the one that writes: ``python -m flows.readahead``.

Most of a back-fill is a connector at work on one chunk of deliveries after another, each chunk by itself. So chunks are
read ahead on the other cores, while numbering and writing go on here, in order and in one process; while an answer is
not there yet, this process reads a chunk too. Each holds one chunk and stops until it is asked for: memory is bounded
by their number, however many years there are.

What comes of it is the same whoever read: ``normalise`` is a pure function. What a lost process had, and a chunk read
against another delivery than the one that turned out to stand before it, is read again here.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from connectors.kit import Delivery, FeedContext
from flows.lean import leave_pandas_out

if TYPE_CHECKING:
    from connectors.normalised import Normalised

#: Reading processes at most, beside this one, which reads as well; numbering and writing, a third of the work, stay
#: with this one. A process takes 300 to 450 MB.
READERS = 2

#: So many chunks for each of them, about seven seconds' reading: below it the process costs more than it is worth. Of a
#: million reports over three feeds (4, 4 and 6 chunks) a twelfth of all CPU went into starting processes and handing
#: over what they had read; ten times as many reports have fifty chunks a feed (2026-11-26).
CHUNKS_EACH = 8


@dataclass(frozen=True)
class Job:
    """One chunk to read: ``previous`` is the last accepted delivery before it, as far as can be told beforehand."""

    deliveries: Sequence[Delivery]
    previous: Delivery | None


#: Reads a chunk, given its place among all and the last accepted delivery before it.
Reader = Callable[[int, Delivery | None], "Normalised"]


@contextmanager
def reader(
    kind: str,
    context: FeedContext,
    chunks: Sequence[Sequence[Delivery]],
    first_previous: Delivery | None,
    lost: Callable[[str], None],
) -> Iterator[Reader]:
    """Read the chunks of a feed of this ``kind``; they are asked for one after the other, each once.

    Few chunks, or on one core, all is read here. ``lost`` is told in words when a reading process ended without an
    answer; its chunk is then read here. The reader raises what the connector raises.
    """
    number = max(0, min(READERS, len(os.sched_getaffinity(0)) - 1, len(chunks) // CHUNKS_EACH))
    before = [first_previous, *(chunk[-1] for chunk in chunks[:-1])]  # most often the last one was accepted
    jobs = [Job(*each) for each in zip(chunks, before, strict=True)]
    children = [_Child.start(kind, context) for _ in range(number)]
    unasked = iter(range(1, len(jobs)))  # the first is read here, while the others start
    asked: dict[int, _Child] = {}
    here: dict[int, Normalised | None] = {}

    def ask(child: _Child) -> None:
        if not child.is_lost and (place := next(unasked, None)) is not None:
            child.ask(jobs[place])
            asked[place] = child

    def answer_of(place: int) -> Normalised | None:
        if (child := asked.pop(place, None)) is None:
            return here.pop(place, None)
        if not child.has_answered() and not here and (meanwhile := next(unasked, None)) is not None:
            here[meanwhile] = _tried(kind, context, jobs[meanwhile])
        answer = child.answer()
        if child.is_lost and not child.is_told:
            child.is_told = True
            lost(f"a reading process ended with {child.process.wait()}; what it had is read here")
        ask(child)
        return answer

    def read(place: int, previous: Delivery | None) -> Normalised:
        answer = answer_of(place)
        if answer is None or previous != jobs[place].previous:
            return _normalised(kind, context, Job(chunks[place], previous))
        return answer

    try:
        for child in children:
            ask(child)
        yield read
    finally:
        for child in children:
            child.end()


def _tried(kind: str, context: FeedContext, job: Job) -> Normalised | None:
    """What comes of the job; None where the connector raises, which is met again when its turn comes."""
    try:
        return _normalised(kind, context, job)
    except Exception:
        return None


def _normalised(kind: str, context: FeedContext, job: Job) -> Normalised:
    """What comes of the job, without looking for rings of objects meanwhile: reading makes hundreds of thousands of
    objects and no rings, and the search was a sixth of reading the police's windows (2026-11-26)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return normalise_of(kind)(job.deliveries, context, job.previous)
    finally:
        if was_on:
            gc.enable()


def normalise_of(kind: str) -> Callable[[Sequence[Delivery], FeedContext, Delivery | None], Normalised]:
    connector = importlib.import_module(f"connectors.{kind}.connector")
    return connector.normalise  # type: ignore[no-any-return]


@dataclass
class _Child:
    """A process that reads one chunk at a time."""

    process: subprocess.Popen[bytes]
    is_lost: bool = False
    is_told: bool = False

    @classmethod
    def start(cls, kind: str, context: FeedContext) -> _Child:
        house = str(Path(__file__).resolve().parent.parent)
        environment = {**os.environ, "PYTHONPATH": house}
        command = [sys.executable, "-m", "flows.readahead"]
        pipe = subprocess.PIPE
        child = cls(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment))
        child._send((kind, context))
        return child

    def ask(self, job: Job) -> None:
        self._send(job)

    def has_answered(self) -> bool:
        """Whether an answer, or the end of the process, is there to be met."""
        assert self.process.stdout is not None
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def answer(self) -> Normalised | None:
        """What came of the job asked last; None where the process is lost or the connector raised."""
        if self.is_lost:
            return None
        assert self.process.stdout is not None
        try:
            return pickle.load(self.process.stdout)  # type: ignore[no-any-return]
        except (EOFError, pickle.UnpicklingError, OSError):
            self.is_lost = True
            self.process.kill()
            return None

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def _send(self, what: object) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):  # a process that is gone is met when its answer is asked for
            pickle.dump(what, self.process.stdin, protocol=5)
            self.process.stdin.flush()


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer job after job until there are no more: the tables, or None where the connector raised."""
    kind, context = pickle.load(questions)
    while True:
        try:
            job = pickle.load(questions)
        except EOFError:
            return
        answer = _tried(kind, context, job)  # None is read again by the process that asked, which then says why
        pickle.dump(answer, answers, protocol=5)
        answers.flush()
        del answer, job


if __name__ == "__main__":
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not stand among the answers
    leave_pandas_out()
    with suppress(BrokenPipeError, KeyboardInterrupt):
        serve(sys.stdin.buffer, own)
