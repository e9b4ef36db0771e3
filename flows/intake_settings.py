"""Where the intake listens and whose keys it knows: ``intake.toml`` in the data folder, readable by its owner alone.

    [listen]
    host = "127.0.0.1"            # elsewhere only with a certificate
    port = 8443
    certificate = "intake.pem"    # PEM; beside intake.toml where the path is not absolute
    private_key = "intake.key"

    [keys]                        # one partner a feed; two keys while one replaces the other
    guard_nordvakt = ["whsec_…"]

The file holds secrets: it is no part of the settings folder, and is never copied, logged or shown.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import ssl
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.station import is_loopback
from flows.store import Store
from warehouse.files import write_with

PORT = 8443
PREFIX = "whsec_"
#: Standard Webhooks asks for keys of 24 to 64 bytes.
KEY_BYTES = range(24, 65)
NEW_KEY_BYTES = 32
#: The old one and the one that replaces it. A key that nobody takes out is a key that somebody finds.
KEYS_AT_ONCE = 2


class IntakeFault(Exception):
    """intake.toml cannot be used. The message says what, where and what to write; it holds no key."""


@dataclass(frozen=True)
class IntakeSettings:
    """``keys`` are the decoded keys by feed: a push is right when it is signed with any of its feed's."""

    host: str = "127.0.0.1"
    port: int = PORT
    certificate: Path | None = None
    private_key: Path | None = None
    keys: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)


def intake_file(store: Store) -> Path:
    return store.folder / "intake.toml"


def read_intake(path: Path, feeds: Mapping[str, Any]) -> IntakeSettings:
    """The settings in ``path``; ``feeds`` are those that may have keys. Raises IntakeFault with every fault."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise IntakeFault(f"{path}: is not there. `lagesbild intake --new-key FEED` makes it") from None
    except (OSError, ValueError) as error:
        raise IntakeFault(f"{path}: cannot be read ({type(error).__name__}); see flows/intake_settings.py") from None
    faults = []
    if stat.S_IMODE(mode) & 0o077:
        faults.append("others may read it, and it holds keys: chmod 600")
    listen, keys = values.pop("listen", {}), values.pop("keys", {})
    if not isinstance(listen, dict) or not isinstance(keys, dict):
        raise IntakeFault(f"{path}: [listen] and [keys] are tables")
    faults += [f"{name} is not known: [listen] and [keys] are" for name in values]
    known = {"host": str, "port": int, "certificate": str, "private_key": str}
    for name, value in listen.items():
        if name not in known:
            faults.append(f"listen.{name} is not known; there are: {', '.join(known)}")
        elif type(value) is not known[name] or (isinstance(value, int) and not 0 <= value < 65536):
            faults.append(f"listen.{name} is no {'port' if name == 'port' else 'text'}")
    decoded = {}
    for feed, given in keys.items():
        if feed not in feeds:
            faults.append(f"keys.{feed}: no such feed; there are: {', '.join(feeds)}")
        try:
            decoded[feed] = tuple(_decoded(key) for key in given)
            if len(decoded[feed]) > KEYS_AT_ONCE:
                raise ValueError
        except (ValueError, TypeError, binascii.Error):
            faults.append(f"keys.{feed}: a list of one or two keys, each {PREFIX} and 24 to 64 bytes in base64")
    if not faults:
        faults += _door_faults(path, listen)
    if faults:
        raise IntakeFault(f"{path}: " + "; ".join(faults))
    return IntakeSettings(
        listen.get("host", "127.0.0.1"),
        listen.get("port", PORT),
        _beside(path, listen.get("certificate")),
        _beside(path, listen.get("private_key")),
        decoded,
    )


def new_key(path: Path, feed: str) -> str:
    """Make a key for ``feed``, add it to ``path`` beside those it has, and return it. Raises IntakeFault, OSError.

    The feed's line is written anew, all others stay as they are.
    """
    key = PREFIX + base64.b64encode(secrets.token_bytes(NEW_KEY_BYTES)).decode()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    try:
        held = tomllib.loads(text).get("keys", {}).get(feed, [])
    except (ValueError, AttributeError):
        raise IntakeFault(f"{path}: is no TOML; mend it first. No key was made") from None
    if len(held) >= KEYS_AT_ONCE:
        raise IntakeFault(f"{path}: {feed} has {len(held)} keys; take the older (the first) out first. No key was made")
    lines = [line for line in text.splitlines() if not line.replace(" ", "").startswith(f"{feed}=")]
    if "[keys]" not in lines:
        lines += ["", "[keys]"] if lines else ["[keys]"]
    listed = ", ".join(f'"{one}"' for one in [*held, key])
    lines.insert(lines.index("[keys]") + 1, f"{feed} = [{listed}]")
    content = "\n".join(lines) + "\n"
    if not _holds(content, feed, [*held, key]):
        raise IntakeFault(f"{path}: write the keys of {feed} on one line below [keys] first. No key was made")

    def write(temp: Path) -> None:
        temp.write_text(content, encoding="utf-8")

    write_with(path, write, mode=0o600)
    return key


def _holds(text: str, feed: str, keys: list[str]) -> bool:
    try:
        return bool(tomllib.loads(text)["keys"][feed] == keys)
    except (ValueError, KeyError):
        return False


def _decoded(key: str) -> bytes:
    if not key.startswith(PREFIX):
        raise ValueError
    found = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    if len(found) not in KEY_BYTES:
        raise ValueError
    return found


def _door_faults(path: Path, listen: Mapping[str, Any]) -> list[str]:
    certificate, key = (_beside(path, listen.get(name)) for name in ("certificate", "private_key"))
    if certificate is None and key is None:
        if is_loopback(listen.get("host", "127.0.0.1")):
            return []
        return ["listen.host can be reached from other machines: give listen.certificate and listen.private_key"]
    if certificate is None or key is None:
        return ["listen.certificate and listen.private_key go together"]
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return [f"listen.certificate with listen.private_key cannot be used ({type(error).__name__})"]
    return []


def _beside(path: Path, name: str | None) -> Path | None:
    return None if name is None else path.parent / name
