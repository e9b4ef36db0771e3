"""Which sheets are kept when one is made each time something arrives."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from flows.opened import open_settings
from flows.sheets import newest_sheet, thin_published
from flows.store import Store

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def publish(folder, moment: str, made_days_ago: float | None = None, languages=("sv", "en")) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.fromisoformat(moment)
    stem = f"9901_{at:%Y-%m-%d_%H%M}_TLP-AMBER"
    paths = [folder / f"picture_{stem}.json", *(folder / f"utsattningsblad_{stem}_{x}.html" for x in languages)]
    for path in paths:
        path.write_text(f'{{"moment_at":"{at:%Y-%m-%dT%H:%M:%SZ}"}}' if path.suffix == ".json" else "<html>")
        made = at if made_days_ago is None else NOW - timedelta(days=made_days_ago)
        os.utime(path, (made.timestamp(), made.timestamp()))
    beside = folder / f"underlag_{stem}"
    beside.mkdir()
    (beside / "innehall.json").write_text("{}")
    return stem


def stems(folder) -> set[str]:
    return {path.stem.removeprefix("picture_") for path in folder.glob("picture_*.json")}


def test_of_old_sheets_the_one_each_meeting_had_is_kept_and_new_ones_all(tmp_path):
    dropped = [publish(tmp_path, f"2026-10-01 {clock}+00:00") for clock in ("03:01", "04:10", "09:00", "19:00")]
    meeting = publish(tmp_path, "2026-10-01 05:05+00:00")  # 07.05 local: the last before the meeting was begun by 07.15
    evening = publish(tmp_path, "2026-10-01 20:30+00:00")
    kept = {meeting, publish(tmp_path, "2026-10-02 03:01+00:00")}
    kept |= {publish(tmp_path, f"2026-11-20 {clock}+00:00") for clock in ("03:01", "04:10", "09:00")}
    (tmp_path / "latest.html").write_text("<html>")
    assert thin_published(tmp_path, open_settings("lindvik"), NOW) == len(dropped) + 1
    assert stems(tmp_path) == kept and evening not in kept
    assert len(list(tmp_path.glob("utsattningsblad_*.html"))) == 2 * len(kept)
    assert {path.name for path in tmp_path.glob("underlag_*")} == {f"underlag_{stem}" for stem in kept}
    assert not list(tmp_path.glob(".part-*"))
    assert (tmp_path / "latest.html").exists()
    assert thin_published(tmp_path, open_settings("lindvik"), NOW) == 0


def test_a_sheet_made_lately_of_a_moment_long_past_is_kept(tmp_path):
    stems_made = {publish(tmp_path, f"2026-06-01 {clock}+00:00", made_days_ago=2) for clock in ("08:00", "09:00")}
    assert thin_published(tmp_path, open_settings("lindvik"), NOW) == 0
    assert stems(tmp_path) == stems_made


def test_the_sheets_of_a_part_are_thinned_by_themselves(tmp_path):
    whole = publish(tmp_path, "2026-10-01 09:00+00:00")
    part = tmp_path / "partners"
    publish(part, "2026-10-01 08:00+00:00")
    last = publish(part, "2026-10-01 10:00+00:00")
    assert thin_published(tmp_path, open_settings("lindvik"), NOW) == 1
    assert stems(tmp_path) == {whole} and stems(part) == {last}


def test_a_sheet_dated_in_the_future_is_not_the_newest(tmp_path):
    store = Store.at(tmp_path)
    assert newest_sheet(store, NOW) is None
    publish(store.published, "2026-11-25 05:00+00:00")
    publish(store.published, "2026-12-25 05:00+00:00")
    assert newest_sheet(store, NOW) == datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
