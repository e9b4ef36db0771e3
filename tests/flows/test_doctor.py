"""What the doctor finds that no run would tell of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flows.doctor import examine
from flows.settings import BUNDLED, read_settings
from flows.store import Store


def test_files_in_folders_inside_a_drop_folder_are_told_of_and_are_no_fault(tmp_path: Path) -> None:
    store, settings = Store.at(tmp_path), read_settings(BUNDLED / "haninge")
    drop = settings.feeds["guard_one"].drop_folder(store.folder)
    assert drop is not None
    (drop / "2026-11").mkdir(parents=True)
    (drop / "natt.csv").write_bytes(b"x")

    def found() -> list[tuple[bool, str]]:
        return [one for one in examine(settings, store, datetime(2026, 11, 27, tzinfo=UTC)) if "drop folder" in one[1]]

    assert found() == []
    for name in ("a.csv", "b.csv"):
        (drop / "2026-11" / name).write_bytes(b"x")
    ((is_fault, text),) = found()
    assert not is_fault and text.startswith("guard_one: 2 files lie in folders inside its drop folder")
