"""Which pictures lie published: the newest first, and no more of them opened than is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.publish import published
from warehouse.publish.published import published_back

DAY = datetime(2026, 10, 1, 4, 15, tzinfo=UTC)


def put(folder: Path, local: str, moment: datetime) -> Path:
    path = folder / f"picture_9901_{local}_TLP-AMBER.json"
    path.write_text(f'{{"area":[],"head":{{"moment_at":"{moment:%Y-%m-%dT%H:%M:%SZ}"}}}}')
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    seen, real = [], published._moment_in

    def noted(path: Path) -> datetime | None:
        seen.append(path)
        return real(path)

    monkeypatch.setattr(published, "_moment_in", noted)
    return seen


def test_of_years_of_pictures_only_the_newest_ones_are_opened(tmp_path: Path, opened: list[Path]) -> None:
    days = [DAY - timedelta(days=n) for n in range(1100)]
    paths = [put(tmp_path, f"{day:%Y-%m-%d}_0615", day) for day in days]
    assert next(published_back(tmp_path)) == (DAY, paths[0]) and len(opened) == 2
    opened.clear()
    assert next(published_back(tmp_path, days[900] + timedelta(hours=1))) == (days[900], paths[900])
    assert len(opened) <= 3
    assert [at for at, _ in published_back(tmp_path)] == days


def test_in_the_night_of_the_doubled_hour_the_later_moment_is_the_newer_whatever_its_name(tmp_path: Path) -> None:
    summer = put(tmp_path, "2026-10-25_0250", datetime(2026, 10, 25, 0, 50, tzinfo=UTC))
    put(tmp_path, "2026-10-25_0230", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    winter = put(tmp_path, "2026-10-25_0210", datetime(2026, 10, 25, 1, 10, tzinfo=UTC))
    assert [path for _, path in published_back(tmp_path)][:2] == [winter, summer]


def test_a_file_whose_name_says_no_time_is_known_by_what_it_holds(tmp_path: Path) -> None:
    stray, newest = tmp_path / "picture_copied.json", put(tmp_path, "2026-10-01_0615", DAY)
    put(tmp_path, "2026-09-01_0615", DAY - timedelta(days=30)).rename(stray)
    for empty in ("picture_.json", "picture_9901_2026-10-02_0615_TLP.json", "picture_9901_2026-99-99_0615_TLP.json"):
        (tmp_path / empty).touch()
    assert [path for _, path in published_back(tmp_path)] == [newest, stray]
