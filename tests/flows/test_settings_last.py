"""The settings of the last good sheet are kept beside the data, through every change of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.opened import open_settings
from flows.settings import BUNDLED
from flows.settings_last import keep_last_good, last_good
from flows.store import Store


def test_changed_settings_take_the_place_of_those_kept_before(tmp_path: Path) -> None:
    """They were removed and the new ones with them: a morning after a change had none to stand in."""
    folder, store = tmp_path / "lindvik", Store.at(tmp_path / "data")
    shutil.copytree(BUNDLED / "lindvik", folder)
    for change in ("", "# a change", "# another"):
        with (folder / "thresholds.toml").open("a") as file:
            file.write(f"{change}\n")
        settings = open_settings(str(folder))
        keep_last_good(store, settings)
        kept = last_good(store)
        assert kept is not None and kept.digest() == settings.digest()
        assert (kept.folder / "thresholds.toml").read_bytes() == (folder / "thresholds.toml").read_bytes()
    assert [path.name for path in store.settings_last.iterdir()] == ["lindvik"]
