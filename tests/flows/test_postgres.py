"""The production form: Prefect's record in PostgreSQL, a server that listens beyond the machine and asks for a key.

Runs where PostgreSQL's programs are (Debian: ``apt install postgresql``) and installs nothing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests
import yaml

from flows.settings import read_settings
from tests.conftest import PROJECT
from tests.flows.raised import Raised, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PASSWORD = "a-password-of-the-tests"
KEY = "operator:a-key-of-the-tests-only"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them out of the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Postgres:
    """A cluster of its own, with a role and a database as flows/README.md says."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self.bin, self.port = folder, bin_folder, free_port()
        # PostgreSQL refuses to run as root; then it runs as the user that its package made, or as nobody.
        users = [user.pw_name for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody")]
        self.user = max(users) if os.getuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        (folder / "password").write_text(PASSWORD)
        secret = ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--username=postgres"]
        self.do("initdb", "--pgdata", str(folder / "cluster"), "--encoding=UTF8", "--locale=C", *secret)
        self.control("start")
        for command in (f"CREATE ROLE prefect LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE prefect OWNER prefect"):
            self.do("psql", "-h", str(folder), "-p", str(self.port), "-U", "postgres", "-c", command)

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://prefect:{PASSWORD}@127.0.0.1:{self.port}/prefect"

    def do(self, program: str, *words: str) -> str:
        path = self.bin / program if (self.bin / program).exists() else shutil.which(program)
        done = subprocess.run(
            [path, *words],
            user=self.user,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            cwd=self.folder,
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program == "psql" else None,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"
        return done.stdout

    def control(self, what: str, *words: str) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "postgres.log")
        self.do("pg_ctl", what, "-w", "-D", str(self.folder / "cluster"), "-o", options, "-l", log, *words)

    def count(self, query: str) -> int:
        words = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", "prefect", "-tAc", query]
        return int(self.do("psql", *words))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    folder = programs()
    if folder is None or not (folder / "initdb").exists():
        pytest.skip("PostgreSQL's programs are not on this machine (Debian: apt install postgresql)")
    # Not below pytest's own folder: another user has no way in there.
    with TemporaryDirectory(prefix="lagesbild-postgres-", ignore_cleanup_errors=True) as place:
        cluster = Postgres(Path(place), folder)
        yield cluster
        cluster.control("stop", "-m", "immediate")


@pytest.fixture(scope="module")
def production(postgres, tmp_path_factory) -> Iterator[Raised]:
    more = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.url, "PREFECT_SERVER_API_AUTH_STRING": KEY}
    town = Raised(tmp_path_factory.mktemp("production"), more, host="0.0.0.0")
    town.up()
    yield town
    town.down()


def deployments(production: Raised) -> int:
    """How many there must be: one of each job, one of each feed."""
    jobs = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    return len(jobs) - 1 + len(read_settings(production.settings).feeds)


def test_prefect_s_record_is_in_postgresql_and_nowhere_else(production, postgres):
    assert postgres.count("SELECT count(*) FROM deployment") == deployments(production)
    assert not (production.data / "prefect" / "prefect.db").exists()


def test_nobody_is_answered_without_the_key(production):
    url = f"{production.station.api}/deployments/name/overnight/overnight"
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, timeout=20, auth=("operator", "another-key-of-somebody")).status_code == 401
    answer = requests.post(f"{production.station.api}/flow_runs/filter", json={}, timeout=20)
    assert answer.status_code in (401, 403)
    assert len(production.ask("POST", "/deployments/filter", {})) == deployments(production)


def test_neither_key_nor_password_is_written_down(production):
    for path in (production.data / "prefect").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PASSWORD.encode() not in content and KEY.split(":")[1].encode() not in content, path.name


def test_a_dropped_file_becomes_a_sheet_by_itself_here_too(production):
    dropped = production.drop("A")
    production.until(lambda: production.rows() == 5, 120, "the file to be read")
    production.until(lambda: production.newest() > dropped, 120, "the sheet")
    print(f"\nPostgreSQL: a dropped file to its sheet {time.time() - dropped:.1f} s")


def test_postgresql_restarted_mid_run_costs_neither_sheet_nor_delivery(production, postgres):
    began = time.time()
    folder = production.data / "drop" / "guard_nordvakt"
    rows = production.rows()
    with production.store.writing("the test", 60):
        (folder / "B.csv").write_bytes((folder / "A.csv").read_bytes().replace(b"A", b"B"))
        run = production.run("overnight/overnight")
        production.until(lambda: production.state(run) == "RUNNING", 120, "the run to begin")
        postgres.control("restart", "-m", "immediate")
    production.until(lambda: production.rows() == rows + 5 and production.newest() > began, 180, "the sheet")
    assert production.ended(run, 180) in ("COMPLETED", "CRASHED")
    assert production.part("server").is_alive() and production.part("worker").is_alive()
    assert production.ended(production.run("picture/picture")) == "COMPLETED"


def test_postgresql_away_for_a_while_costs_no_sheet_and_work_goes_on_when_it_is_back(production, postgres):
    began = time.time()
    postgres.control("stop", "-m", "immediate")
    try:
        done = production.lagesbild("morning", "--json")
        assert done.returncode in (0, 3), done.stderr
        assert production.lagesbild("briefing").returncode in (0, 3)
        assert production.newest() > began
        time.sleep(20)
    finally:
        postgres.control("start")
    production.up()
    assert production.ended(production.run("picture/picture")) == "COMPLETED"
    dropped = production.drop("C")
    production.until(lambda: production.newest() > dropped, 120, "the sheet, by itself again")
