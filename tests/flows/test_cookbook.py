"""Every question of the cookbook, asked of the demo town and held to the answer worked out without SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

import warehouse
from flows.store import Store
from tests.flows.second_answers import EXPECTED
from tests.flows.second_town import Told
from warehouse.locked import open_locked

COOKBOOK = Path(warehouse.__file__).parent / "cookbook"


@pytest.fixture(scope="module")
def told(demo: Store) -> Told:
    from tests.warehouse.rows import CATEGORIES

    return Told(demo, {code for code, row in CATEGORIES.items() if row["finest_precision"] in ("kommun", "lan")})


def test_the_cookbook_has_at_least_25_questions_and_each_its_second_answer() -> None:
    names = {path.stem for path in COOKBOOK.glob("*.sql")}
    assert len(names) >= 25 and names == EXPECTED.keys()
    for path in COOKBOOK.glob("*.sql"):
        first, second = path.read_text(encoding="utf-8").splitlines()[:2]
        assert first.startswith("-- sv: ") and second.startswith("-- en: ") and first.endswith("?"), path.name


@pytest.mark.parametrize("name", EXPECTED)
def test_an_answer_is_the_one_worked_out_without_sql(name: str, demo: Store, told: Told) -> None:
    with open_locked(demo.snapshot) as con:
        rows = con.execute((COOKBOOK / f"{name}.sql").read_text(encoding="utf-8")).fetchall()
    expected = EXPECTED[name](told)
    assert expected and rows == expected
