"""From a clean clone to a picture, or to passed tests, with nothing but Python and pip.

    python3 flows/start.py demo --open     sets everything up, makes the made-up town's picture
    python3 flows/start.py test            sets everything up, runs the tests

Any other words go to the ``lagesbild`` command. What is installed goes into ``.venv`` beside this project, pinned
with hashes by ``requirements.lock``; it is installed once and again only when the lock changes. Standard library
only: this is what runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = Path(os.environ.get("LAGESBILD_VENV", PROJECT / ".venv"))
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def main(words: list[str]) -> int:
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        print(f"Python 3.11, 3.12 or 3.13 is needed; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        print(f"setting up failed at: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        print("Nothing of the project was changed; see the lines above, then run the same again.", file=sys.stderr)
        return 1
    if words[0] == "test":
        return subprocess.call([PYTHON, "-m", "pytest", *words[1:]], cwd=PROJECT)
    return subprocess.call([PYTHON, "-m", "flows.cli", *words])


def set_up() -> None:
    """Make the environment and install what the lock pins, if that is not done already for this lock."""
    wanted = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        wanted.update((PROJECT / name).read_bytes())
    stamp = ENVIRONMENT / "installed-lock.txt"
    if stamp.exists() and stamp.read_text() == wanted.hexdigest() and PYTHON.exists():
        return
    print(f"setting up in {ENVIRONMENT} (once; a minute or two)", file=sys.stderr)
    pip = _make_environment()
    quiet = ["--quiet", "--disable-pip-version-check"]
    # The lock is whole, so nothing is left to resolve; resolving would trip over sqlalchemy[asyncio], whose extra a
    # pinned name without it does not answer for pip.
    lock = str(PROJECT / "requirements.lock")
    subprocess.run([*pip, "install", *quiet, "--no-deps", "--require-hashes", "-r", lock], check=True)
    subprocess.run(
        [*pip, "install", *quiet, "--no-deps", "--no-build-isolation", "--editable", str(PROJECT)], check=True
    )
    stamp.write_text(wanted.hexdigest())


def _make_environment() -> list[str | Path]:
    """A virtual environment and the command that runs pip in it.

    Some systems' Python comes without ensurepip; there the pip this was started beside does the installing.
    """
    try:
        venv.EnvBuilder(with_pip=True, clear=not PYTHON.exists()).create(ENVIRONMENT)
        return [PYTHON, "-m", "pip"]
    except (subprocess.CalledProcessError, ImportError):
        venv.EnvBuilder(with_pip=False, clear=True).create(ENVIRONMENT)
        return [sys.executable, "-m", "pip", "--python", PYTHON]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
