"""A mapping's faults are all found at once, and the mappings that come with the house have none."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from guard_town import MAPPINGS, categories, context, delivery, mapping, nordvakt_file

from connectors.guard_tabular.connector import check_mapping, check_options, normalise

NAMES = sorted(path.stem for path in MAPPINGS.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_mapping_that_comes_with_the_house_has_no_faults(name: str) -> None:
    assert check_mapping(mapping(name), categories()) == []


@pytest.mark.parametrize("name", ["nordvakt", "tryggve", "bostad_lindhem"])
def test_the_words_at_a_mappings_top_are_the_words_it_maps(name: str) -> None:
    text = (MAPPINGS / f"{name}.toml").read_text(encoding="utf-8")
    comment = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#   "))
    assert [word.strip() for word in comment.split("·")] == list(mapping(name)["category"])
    assert len(mapping(name)["category"]) >= 15


def changed(section: str, **values: Any) -> dict[str, Any]:
    given = mapping("nordvakt")
    given[section] = given.get(section, {}) | values
    return given


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (changed("columns", tidpunkt=["Tid"]), "columns.tidpunkt: unknown key"),
        (changed("colums", id=["ID"]), "colums: unknown section"),
        (changed("columns", id="Rapportnr"), "columns.id: must be a list of texts"),
        (changed("columns", place=["Datum"]), "already stands under"),
        (changed("columns", moment=["Tidpunkt"]), "both say when it happened"),
        (changed("columns", latitude=["Lat"], longitude=["Long"]), "does not go with"),
        (changed("category", Spöke="vald.spoke"), "'vald.spoke' is no category of the house"),
        (changed("action", Trolleri="trolla"), "'trolla' is no action of the house"),
        (changed("action", AVVISNING="ingen"), "the same word stands for two codes"),
        (changed("time", date_formats=["%x"]), "unknown directive %x"),
        (changed("time", date_formats=[]), "date cannot be read without it"),
        (changed("time", night_shift_until="7"), "time.night_shift_until"),
        (changed("time", timezone="Stockholm"), "time.timezone"),
        (changed("format", encoding="ebcdic"), "format.encoding"),
        (changed("format", separator="#"), "format.separator"),
        (changed("format", decimal_comma="ja"), "format.decimal_comma: must be true or false"),
        (changed("place", crs="utm33"), "place.crs"),
        (changed("coverage", days=0), "coverage.days"),
        (changed("withdrawn", status=["Borttagen"]), "withdrawn.status: the field has no column"),
        (changed("refused", Tom={"category": ["-x"]}), "refused.Tom"),
        (changed("identity", natural_key=["moment"]), "moment is no field under columns"),
        (changed("limits", reject_share=2), "limits.reject_share"),
    ],
)
def test_a_fault_is_named_by_where_it_stands(given: dict[str, Any], fault: str) -> None:
    faults = check_mapping(given, categories())
    assert any(fault in found for found in faults), faults


def test_all_faults_come_at_once() -> None:
    given = changed("category", Spöke="a", Gast="b")
    given["format"]["encoding"] = "ebcdic"
    assert len(check_mapping(given, categories())) == 3


def test_a_feed_without_a_sound_mapping_is_no_feed(tmp_path: Path) -> None:
    given = [delivery(tmp_path, nordvakt_file({}))]
    with pytest.raises(ValueError, match="no mapping"):
        normalise(given, context(None), None)
    with pytest.raises(ValueError, match=r"vald\.spoke"):
        normalise(given, context(changed("category", Spöke="vald.spoke")), None)


def test_unknown_options_are_refused() -> None:
    assert check_options({}) == []
    assert check_options({"separator": ";"}) != []


def test_the_list_of_measures_is_sorted_and_labelled_in_both_languages() -> None:
    path = MAPPINGS.parent / "actions.csv"
    listed = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    codes = [row["action_taken"] for row in listed]
    assert codes == sorted(set(codes))
    assert all(row["sv"] and row["en"] for row in listed)
