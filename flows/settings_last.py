"""The settings of the last good sheet, kept beside the data: a slip of the pen must not cost the morning's sheet."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flows.store import Store
from warehouse.files import FILE_MODE, FOLDER_MODE, TEMP_PREFIX, make_folder, remove_folder

if TYPE_CHECKING:
    from flows.settings import Settings

#: What a settings folder is made of. The demo's deliveries are none of it.
_KINDS = (".toml", ".csv", ".geojson", ".pem", ".crt")
_DIGEST = ".digest"


def keep_last_good(store: Store, settings: Settings) -> None:
    """Copy the settings folder into the data folder, where it differs from what is kept. Raises OSError."""
    target = store.settings_last / settings.id
    if settings.folder.resolve() == target.resolve() or _digest(target) == settings.digest():
        return
    make_folder(target.parent)
    temp = target.with_name(f"{TEMP_PREFIX}new-{settings.id}")  # remove_folder has a name of its own
    shutil.rmtree(temp, ignore_errors=True)
    shutil.copytree(settings.folder, temp, ignore=_ignored)
    (temp / _DIGEST).write_text(settings.digest())
    for path in [temp, *temp.rglob("*")]:
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    remove_folder(target)
    temp.rename(target)


def _ignored(folder: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name == "demo" or not (Path(folder, name).is_dir() or name.endswith(_KINDS)) or name.startswith(".")
    }


def _digest(target: Path) -> str:
    try:
        return (target / _DIGEST).read_text()
    except OSError:
        return ""


def last_good(store: Store) -> Settings | None:
    """The settings kept there; None where there are none, or where they cannot be read either."""
    from flows.settings import read_settings
    from flows.settings_faults import SettingsError

    for folder in sorted(store.settings_last.glob("*/municipality.toml")):
        try:
            return read_settings(folder.parent)
        except (SettingsError, OSError):
            continue
    return None


def told_by(settings: Settings, folder: Path | None) -> Settings:
    """``settings`` whose receivers of alarms are read from ``folder`` where that has any: it may be mended already."""
    from flows.alarm_settings import read_receivers
    from flows.settings_faults import SettingsError

    try:
        return replace(settings, folder=folder) if folder and read_receivers(folder) else settings
    except SettingsError:
        return settings


def raw_settings(named: str | None) -> tuple[Path | None, dict[str, object]]:
    """(the settings folder that is meant, what can be read of its municipality.toml) where settings have faults."""
    from flows.settings import BUNDLED

    named = named or os.environ.get("LAGESBILD_SETTINGS") or ""
    folder = BUNDLED / named if named and (BUNDLED / named).is_dir() else Path(named)
    try:
        return folder, tomllib.loads((folder / "municipality.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (folder if named and folder.is_dir() else None), {}


def raw_store(folder: Path | None, raw: dict[str, object], data: str | None) -> Store | None:
    """The data folder without settings, found as ``open_store`` finds it; None where nothing tells."""
    named = data or os.environ.get("LAGESBILD_DATA")
    if not named and isinstance(own := raw.get("data_folder"), str):
        named = own
    if named:
        return Store.at(named)
    if folder is None:
        return None
    from platformdirs import user_data_path

    return Store(user_data_path("lagesbild", appauthor=False) / folder.resolve().name)
