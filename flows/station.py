"""Where the Prefect server of one data folder lives: its home, its address, and what its processes are told.

    prefect/            below the data folder; everything Prefect keeps of this municipality
      station.json      host, port and settings, so that every command finds the server without being told
      prefect.db        Prefect's own record (SQLite), unless PREFECT_SERVER_DATABASE_CONNECTION_URL names PostgreSQL
      prefect.yaml      what was registered last: the project's prefect.yaml, filled in for this municipality
      run/, logs/       which processes are up, and what they wrote

No secret is kept here. The key of a server that asks for one is read from the environment each time.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from flows.opened import UsageError
from flows.store import Store
from warehouse.files import make_folder, write_bytes

#: Where prefect.yaml stands, and what a run's code is read from.
PROJECT = Path(__file__).resolve().parent.parent
PORT = 4200
WORK_POOL = "lagesbild"
KEY = "PREFECT_SERVER_API_AUTH_STRING"
DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
#: A key shorter than this is guessed in an afternoon by whoever reaches the port.
KEY_LENGTH = 20

#: Passwords out of manuals, ours and Prefect's among them, and what is tried first: letters and digits alone.
DEFAULTS = frozenset({
    "admin", "administrator", "default", "demo", "guest", "hemlig", "hemligt", "lagesbild", "losenord", "lösenord",
    "operator", "pass", "passw0rd", "password", "password1", "postgres", "prefect", "qwerty", "root", "secret", "test",
    "user", "welcome",
})  # fmt: skip

#: What our server, worker and runs are told whatever the environment says.
ALWAYS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Without it any page open in the operator's browser could start runs on 127.0.0.1.
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
    # A run whose server is away must not start one of its own: 20–38 s, and a record nobody reads (2026-11).
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
}

#: What they are told unless the environment says otherwise; each number measured or reasoned in flows/README.md.
UNLESS_SET = {
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT2S",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # runs of 90 days ago and older go
    "PREFECT_LOGGING_LEVEL": "INFO",
}


@dataclass(frozen=True)
class Station:
    """One installation: a data folder, its municipality's settings, and the address its server listens on."""

    store: Store
    settings: Path
    host: str = "127.0.0.1"
    port: int = PORT

    @property
    def folder(self) -> Path:
        return self.store.folder / "prefect"

    @property
    def api(self) -> str:
        """The address clients on this machine use; a server that listens everywhere is here too."""
        try:
            is_any = ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            is_any = False
        host = "127.0.0.1" if is_any else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/api"

    def save(self) -> None:
        make_folder(self.folder)
        content = {"host": self.host, "port": self.port, "settings": str(self.settings)}
        write_bytes(self.folder / "station.json", (json.dumps(content, indent=1) + "\n").encode())

    def environment(self) -> dict[str, str]:
        """The environment of the server, the worker, its runs, the intake and the watcher."""
        told = {**UNLESS_SET, **os.environ, **ALWAYS}
        told |= {
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_API_HOST": self.host,
            "PREFECT_SERVER_API_PORT": str(self.port),
            # The console asks the address it came from, by whatever name it was reached.
            "PREFECT_SERVER_UI_API_URL": "/api",
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": self.api.removesuffix("/api"),
            "LAGESBILD_SETTINGS": str(self.settings),
            "LAGESBILD_DATA": str(self.store.folder),
            # `prefect` and `python` are those beside us, whatever PATH the service manager has.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        if key := os.environ.get(KEY):
            told["PREFECT_API_AUTH_STRING"] = key
        return told


def is_loopback(host: str) -> bool:
    """Whether a server on ``host`` can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_default(secret: str) -> bool:
    """Whether a password is one that everybody knows, or still what the example says."""
    plain = re.sub(r"[\W_]", "", secret).casefold()
    return not plain or (plain.isdigit() and len(plain) < KEY_LENGTH) or plain in DEFAULTS or "changeme" in plain


def refuse_open_door(host: str) -> None:
    """Raises UsageError where a server would listen beyond this machine without asking anybody for a key."""
    if is_loopback(host):
        return
    name, _, secret = os.environ.get(KEY, "").partition(":")
    if not name or len(secret) < KEY_LENGTH or is_default(secret):
        raise UsageError(
            f"--host {host!a} can be reached from other machines, and {KEY} holds no key. Nothing was started. Set"
            f" it to NAME:PASSWORD with at least {KEY_LENGTH} characters of password by chance, the same for every"
            " process, and put a proxy with TLS in front; or leave --host out: 127.0.0.1 is this machine's alone."
        )


def station_of(store: Store) -> Station | None:
    """The station that was brought up over this data folder last; None where none was."""
    try:
        content = json.loads((store.folder / "prefect" / "station.json").read_bytes())
        return Station(store, Path(content["settings"]), str(content["host"]), int(content["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_server(store: Store) -> None:
    """Let this process find the data folder's own server, where the environment names none."""
    if "PREFECT_API_URL" in os.environ:
        return
    station = station_of(store)
    if station is not None:
        speak_to(station)


def speak_to(station: Station) -> None:
    """Let this process's own words, and Prefect's where it is imported later, go to the station's server."""
    told = station.environment().items()
    os.environ.update({name: value for name, value in told if name.startswith(("PREFECT_", "DO_NOT_TRACK"))})
