"""The watcher is stopped while one of its threads hangs in a call that does not come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.conftest import PROJECT

#: The command with one of its functions hanging, as a listing of a dead share does; says when it hangs.
HANGING = """
import os, sys, threading
from flows import watch
from flows.cli import main

def hangs(*_):
    os.write(1, b"hangs\\n")  # one write: two threads may hang at the same moment
    threading.Event().wait()

watch.END_S = 0.1
setattr(watch, sys.argv[1], hangs)
sys.exit(main(["watch", "--settings", "lindvik", "--data", sys.argv[2]]))
"""


@pytest.mark.parametrize("function", ["files_in", "keep_telling"])
def test_a_thread_that_hangs_for_ever_does_not_keep_the_watcher_from_ending(tmp_path, function):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "LAGESBILD"))}
    command = [sys.executable, "-c", HANGING, function, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "hangs\n"
            assert " watching " in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(300) == 0
            assert process.stderr.read().endswith(" stopped\n")
        finally:
            process.kill()
