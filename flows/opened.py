"""Settings and data folder by name: what the command line and the flows both begin with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from flows.lean import leave_pandas_out
from flows.store import Store

if TYPE_CHECKING:
    from flows.settings import Settings


class UsageError(Exception):
    """What was asked cannot be done as it was asked. The message says why and what to write."""


def open_settings(named: str | None) -> Settings:
    """The settings of a folder, or of one of the municipalities that come along. Raises UsageError, SettingsError.

    ``named`` None means LAGESBILD_SETTINGS.
    """
    leave_pandas_out()
    from flows.settings import BUNDLED, read_settings

    named = named or os.environ.get("LAGESBILD_SETTINGS")
    bundled = sorted(path.name for path in BUNDLED.iterdir() if (path / "municipality.toml").is_file())
    if not named:
        raise UsageError(f"which municipality? Give --settings FOLDER, or one of: {', '.join(bundled)}")
    folder = BUNDLED / named if named in bundled else Path(named)
    if not folder.is_dir():
        raise UsageError(f"{named}: no such settings folder, and none of: {', '.join(bundled)}")
    return read_settings(folder)


def open_store(settings: Settings, data: str | None) -> Store:
    """The data folder: as given, LAGESBILD_DATA, the settings' own, or the platform's user data folder."""
    named = data or os.environ.get("LAGESBILD_DATA")
    if named:
        return Store.at(named)
    if settings.data_folder:
        return Store(settings.data_folder)
    from platformdirs import user_data_path

    return Store(user_data_path("lagesbild", appauthor=False) / settings.id)


def open_house(named: str | None, data: str | None) -> tuple[Settings, Store]:
    """Both at once."""
    settings = open_settings(named)
    return settings, open_store(settings, data)
