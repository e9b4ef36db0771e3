"""What stands beside the sheet: the map, the tables, the lines for a mail, the schema, and the list of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import jsonschema
import pytest
from shapely.geometry import shape

import warehouse.publish.companions
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from warehouse.publish import publish
from warehouse.publish.lines import five_lines
from warehouse.publish.map_geojson import map_geojson
from warehouse.publish.picture_json import picture_schema, read_picture
from warehouse.publish.tables_csv import tables_csv

STEM = "9999_2026-10-16_0630_TLP-AMBER"


def read(variant: str) -> dict:
    return read_picture(made_up_picture.database(MORNINGS[variant]()))


def published(tmp_path: Path, rows: dict | None = None) -> Path:
    path = tmp_path / "town.duckdb"
    path.unlink(missing_ok=True)
    made_up_picture.database(rows or made_up_picture.ordinary(), path).close()
    publish(path, tmp_path / "out")
    return tmp_path / "out" / f"underlag_{STEM}"


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_folder_lists_every_file_with_its_hash_under_the_pictures_own(tmp_path: Path) -> None:
    folder = published(tmp_path)
    listed = json.loads((folder / "innehall.json").read_bytes())
    picture = json.loads((tmp_path / "out" / f"picture_{STEM}.json").read_bytes())
    assert listed["picture_hash"] == picture["picture_hash"]
    assert {row["name"]: row["sha256"] for row in listed["files"]} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "innehall.json"
    }
    tables = {f"{table}_{STEM}.csv" for table in picture_schema()["$defs"]}
    assert {row["name"] for row in listed["files"]} == tables | {
        f"karta_{STEM}.geojson",
        f"mejl_{STEM}_sv.txt",
        f"mejl_{STEM}_en.txt",
        "picture.schema.json",
    }


def test_the_published_picture_keeps_the_schema_that_lies_beside_it(tmp_path: Path) -> None:
    folder = published(tmp_path)
    schema = json.loads((folder / "picture.schema.json").read_bytes())
    picture = json.loads((tmp_path / "out" / f"picture_{STEM}.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(picture)


def test_a_picture_made_again_with_other_rows_replaces_the_folder_whole(tmp_path: Path) -> None:
    folder = published(tmp_path)
    (folder / "left.txt").write_text("of an older program")
    before = (folder / "innehall.json").read_bytes()
    rows = made_up_picture.ordinary()
    rows["event_total"][0]["new_count"] = 99
    published(tmp_path, rows)
    assert (folder / "innehall.json").read_bytes() != before
    assert not (folder / "left.txt").exists()
    assert [path.name for path in folder.parent.glob(".part-*")] == []


def test_a_companion_that_cannot_be_made_costs_neither_the_sheet_nor_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("a payload text")

    monkeypatch.setattr(warehouse.publish.companions, "map_geojson", broken)
    path = tmp_path / "town.duckdb"
    made_up_picture.database(made_up_picture.ordinary(), path).close()
    made = publish(path, tmp_path / "out")
    assert made.incomplete == {"map": "KeyError"}
    assert made.latest.read_bytes() == made.sheet.read_bytes()
    names = [path.name for path in (tmp_path / "out" / f"underlag_{STEM}").iterdir()]
    assert f"event_{STEM}.csv" in names and f"karta_{STEM}.geojson" not in names


def test_a_full_disk_beside_the_sheet_leaves_the_sheet_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(warehouse.publish.companions, "write_folder", full)
    path = tmp_path / "town.duckdb"
    made_up_picture.database(made_up_picture.ordinary(), path).close()
    made = publish(path, tmp_path / "out")
    assert made.incomplete == {"folder": "OSError"} and made.latest.is_file()


@pytest.mark.parametrize("variant", sorted(MORNINGS))
def test_no_cell_of_a_table_is_a_formula_or_breaks_its_row(variant: str) -> None:
    picture = read(variant)
    for table, content in tables_csv(picture).items():
        header, *rows = cells(content)
        expected = picture[table] if isinstance(picture[table], list) else [picture[table]]
        assert len(rows) == len(expected), table
        assert content.count(b"\n") == len(rows) + 1, table
        for row in rows:
            assert len(row) == len(header)
            for cell in row:
                is_number = cell.lstrip("-").replace(",", "", 1).replace("e-", "", 1).isdigit()
                assert is_number or cell.lstrip()[:1] not in ("=", "+", "-", "@", "|", "%"), (table, cell)


def test_a_formula_sent_by_a_partner_is_text_in_the_table() -> None:
    picture = read("ordinary")
    for text in ("=1+1", " =HYPERLINK()", "\t@SUM(A1)", "+46", "-2+3", "%x"):
        picture["event"][0]["place_label"] = text
        rows = cells(tables_csv(picture)["event"])
        assert rows[1][rows[0].index("place_label")].startswith("'"), text


def test_a_table_says_unknown_by_an_empty_cell_and_names_the_query_as_the_command_takes_it() -> None:
    header, *rows = cells(tables_csv(read("ordinary"))["source"])
    never = next(row for row in rows if row[header.index("status")] == "never")
    assert never[header.index("seen_count")] == "" and never[header.index("query_id")] == "q:1.5"
    for table, column in (("focus_place", "fault_query_id"), ("proposal", "because_id")):
        header, *rows = cells(tables_csv(read("ordinary"))[table])
        assert all(row[header.index(column)].startswith("q:") for row in rows)


def test_the_map_is_the_pictures_areas_and_points_as_shapes() -> None:
    picture = read("ordinary")
    told = json.loads(map_geojson(picture))
    assert (told["type"], told["tlp"], told["picture_hash"]) == (
        "FeatureCollection",
        "TLP:AMBER",
        picture["picture_hash"],
    )
    kinds = [feature["properties"]["kind"] for feature in told["features"]]
    assert kinds == ["area"] * len(picture["map_area"]) + ["point"] * len(picture["map_point"])
    town = shape(told["features"][0]["geometry"])
    assert town.is_valid and town.area > 0
    unknown = next(f for f in told["features"] if f["properties"].get("proposed_status") == "okand")
    assert unknown["properties"]["incident_7d_count"] is None


def test_an_outline_that_cannot_be_drawn_is_no_geometry_and_never_a_centroid() -> None:
    picture = read("ordinary")
    picture["map_area"][0]["geometry_geojson"] = '{"type":"Polygon","coordinates":[[[1,"x"]]]}'
    picture["map_area"][1]["geometry_geojson"] = None
    features = json.loads(map_geojson(picture))["features"]
    assert features[0]["geometry"] is None and features[1]["geometry"] is None


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_mail_is_five_lines_as_the_notifier_sends_them(language: str, tmp_path: Path) -> None:
    text = (published(tmp_path) / f"mejl_{STEM}_{language}.txt").read_text(encoding="utf-8")
    assert text.splitlines() == five_lines(read("ordinary"), language) and len(text.splitlines()) == 5


@pytest.mark.parametrize("variant", sorted(MORNINGS))
def test_no_text_of_the_data_breaks_a_line_of_the_mail(variant: str) -> None:
    lines = five_lines(read(variant))
    assert len(lines) == 5 and all(line and len(line.splitlines()) == 1 for line in lines)


def test_the_same_picture_published_again_touches_no_file_beside_it(tmp_path: Path) -> None:
    before = {path.name: path.stat().st_ino for path in published(tmp_path).iterdir()}
    assert {path.name: path.stat().st_ino for path in published(tmp_path).iterdir()} == before
