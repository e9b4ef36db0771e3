"""An end to waiting: what hangs for ever in one feed must not keep the others from being heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


class TookTooLong(Exception):
    """The work was stopped at its deadline."""


def apart(work: Callable[[], T]) -> T:
    """What ``work`` answers, or raises, done in a thread of its own while this one waits.

    A call into a network disk that is dead comes back when the disk does and cannot be interrupted; waiting for a
    thread can. The thread that is left behind harms nobody: it ends with its call, or with the process.
    """
    ended = threading.Event()
    answer: list[T] = []
    fault: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(work())
        except BaseException as error:
            fault.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, daemon=True).start()
    ended.wait()
    if fault:
        raise fault[0]
    return answer[0]


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Stop what is done inside after ``seconds`` with TookTooLong.

    A signal interrupts a wait that never ends and a loop that never ends alike. It does not reach into a call on a
    dead network disk: do that ``apart``. Signals reach the main thread alone; in any other nothing is bounded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
