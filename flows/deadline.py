"""An end to waiting: what hangs for ever in one feed must not keep the others from being heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(Exception):
    """The work was stopped at its deadline."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Stop what is done inside after ``seconds`` with TookTooLong.

    A signal interrupts a read that never ends (a drop folder on a dead network disk) and a loop that never ends
    alike. Signals reach the main thread alone; in any other thread nothing is bounded.
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
