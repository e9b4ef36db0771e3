"""What a picture of the past is made from where the lake no longer stands as it did: what came later, what changed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import main
from flows.erasing import erase_withdrawn_texts
from flows.job import read_feed
from flows.opened import open_house
from flows.settings_read import digest_of, kept_files
from flows.store import Run, Store
from tests.bench.words import TYPES
from tests.flows.made_up_nights import FEED, read_nights
from tests.flows.published import edit, made_again, publish_then

PROJECT = Path(__file__).resolve().parents[2]


def test_deliveries_landed_but_not_read_at_the_time_are_left_out(town, capsys, monkeypatch):
    """A connector at fault keeps its feed as it stood; the sheet comes out without, and is made again without."""
    store = Store.at(town / "data")

    def at_fault(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("flows.job.ingest_feed", at_fault)
        with pytest.raises(AssertionError):
            read_nights(town / "data", 4, 4)
    store.pictures.unlink()
    shutil.rmtree(store.published)
    publish_then(town)
    assert main(["collect", FEED]) in (0, 3)
    told = made_again(town, capsys)
    assert told["verdict"].startswith("identical to the picture published then")


def test_a_feed_first_heard_later_is_left_out_whole_and_one_since_removed_is_told(town, capsys):
    store = Store.at(town / "data")
    now = store.landing.deliveries(FEED)[0]
    late = {"received_at": now.received_at, "landed_at": now.landed_at, "name": "a.json", "run_id": "r"}
    store.landing.land("polisen_events", b"[]", **late)
    store.landing.land("gone_feed", b"x", **late)
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")
    line = json.loads(store.pictures.read_text())
    store.pictures.write_text(json.dumps({**line, "picture_hash": "0" * 64}) + "\n")
    told = made_again(town, capsys)["verdict"]
    assert "polisen_events: 1 deliveries of earlier times were read after it and were left out" in told
    assert "gone_feed: 1 deliveries of earlier times came after it and stay in: no such feed in today's" in told


def take_klotter_for(town: Path, category: str) -> None:
    """From now on, by a mapping of the municipality's own."""
    shared = (PROJECT / "connectors" / "guard_tabular" / "mappings" / "nordvakt.toml").read_text(encoding="utf-8")
    assert '"skada.klotter"' in shared
    own = town / "lindvik" / "mappings" / "nordvakt.toml"
    own.write_text(shared.replace('"skada.klotter"', f'"{category}"'), encoding="utf-8")


def test_a_feed_rebuilt_with_other_settings_is_read_again_with_those_of_then(town, capsys):
    take_klotter_for(town, "tillgrepp.stold")
    edit(town / "lindvik" / "places.csv", "Stortorget,Torget,", "Stortorget,Salutorget,")
    assert main(["rebuild"]) == 3  # it differs
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")


def test_late_deliveries_are_left_out_by_the_mapping_of_then_though_it_has_changed(town, capsys):
    take_klotter_for(town, "tillgrepp.stold")
    read_nights(town / "data", 4, 5)
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")


def test_deliveries_read_with_several_mappings_are_read_again_each_with_its_own(town, capsys):
    store = Store.at(town / "data")
    take_klotter_for(town, "tillgrepp.stold")
    read_nights(town / "data", 4, 4, town / "lindvik")
    take_klotter_for(town, "vald.hot")
    read_nights(town / "data", 5, 5, town / "lindvik")
    spans = store.lake.manifest().feeds[FEED].settings_spans
    assert [after and after[0][:10] for _, after in spans] == [None, "2025-10-03", "2025-10-04"]
    store.pictures.unlink()
    shutil.rmtree(store.published)
    publish_then(town)
    assert main(["rebuild"]) == 3
    assert len(store.lake.manifest().feeds[FEED].settings_spans) == 1
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")


@pytest.mark.parametrize("way", ["gone", "tampered", "unreadable"])
def test_settings_of_then_that_cannot_be_had_are_told_as_the_reason(town, capsys, way):
    store = Store.at(town / "data")
    edit(town / "lindvik" / "places.csv", "Stortorget,Torget,", "Stortorget,Salutorget,")
    (kept,) = (store.settings_kept / "read").iterdir()
    if way == "gone":
        kept.unlink()
    elif way == "tampered":
        edit(kept, "Stortorget,Torget,", "Stortorget,Hemtorget,")
    else:  # an older program's words, which this one does not take
        files = json.loads(kept.read_text())
        files["feeds.toml"] = files["feeds.toml"].replace("every_hours", "each_hours")
        digest = digest_of({label: text.encode() for label, text in files.items()})
        kept.with_name(f"{digest}.json").write_text(json.dumps(files))
        line = json.loads(store.pictures.read_text())
        store.pictures.write_text(json.dumps({**line, "read_with": {FEED: [[digest, None]]}}) + "\n")
    assert main(["rebuild"]) == 3
    told = made_again(town, capsys)["verdict"]
    assert told.startswith("not the picture published then") and "report this" not in told
    assert f"{FEED}: the settings it was read with then are not kept, or not readable, today's stand in" in told


def test_a_record_of_a_program_that_knew_only_the_last_settings_is_read_again_with_those(town, capsys):
    store = Store.at(town / "data")
    line = json.loads(store.pictures.read_text())
    ((digest, after),) = line["read_with"][FEED]
    assert after is None
    store.pictures.write_text(json.dumps({**line, "read_with": {FEED: digest}}) + "\n")
    take_klotter_for(town, "tillgrepp.stold")
    assert main(["rebuild"]) == 3
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")


def test_a_connectors_own_list_that_has_changed_is_told_as_the_reason(town, capsys):
    store = Store.at(town / "data")
    digest, after = json.loads(store.pictures.read_text())["read_with"][FEED][0]
    files = {**kept_files(store, digest), "connectors/guard_tabular/actions.csv": b"another"}
    other = digest_of(files)
    texts = {label: body.decode() for label, body in files.items()}
    (store.settings_kept / "read" / f"{other}.json").write_text(json.dumps(texts))
    line = json.loads(store.pictures.read_text())
    changed = {"read_with": {FEED: [[other, after]]}, "picture_hash": "0" * 64}
    store.pictures.write_text(json.dumps({**line, **changed}) + "\n")
    assert f"{FEED}: its connector's own lists have changed" in made_again(town, capsys)["verdict"]


def test_a_record_of_the_first_kind_leaves_out_what_landed_after_it(town, capsys):
    store = Store.at(town / "data")
    line = json.loads(store.pictures.read_text())
    del line["read_to"], line["read_with"]
    store.pictures.write_text(json.dumps(line) + "\n")
    read_nights(town / "data", 4, 5)
    assert made_again(town, capsys)["verdict"].startswith("identical to the picture published then")


def test_texts_erased_since_are_told_as_the_reason(town, capsys):
    store = Store.at(town / "data")
    line = json.loads(store.pictures.read_text())
    store.pictures.write_text(json.dumps({**line, "picture_hash": "0" * 64}) + "\n")
    landed = store.landing.deliveries(FEED)[0]
    store.landing.note_erasure(FEED, landed.sha256, b"less", erased_at=landed.landed_at, text_count=1)
    assert "1 landed deliveries have had withdrawn texts erased since" in made_again(town, capsys)["verdict"]


def police_notices(store: Store, summary: str, hours: int) -> None:
    """Land a window of the police's whose newest notice is of Lindvik, told on the evening before the picture."""
    at = datetime(2025, 10, 11, 16, 0, tzinfo=UTC) + timedelta(hours=hours)
    ids = range(1, 501)  # fewer would be a filtered answer
    types = {id: TYPES[id % len(TYPES)] for id in ids} | {max(ids): "Rån"}
    window = [
        {
            "id": id,
            "datetime": f"2025-10-11 {9 + id // 60:02d}:{id % 60:02d}:10 +02:00",
            "name": f"11 oktober {9 + id // 60:02d}.{id % 60:02d}, {types[id]}, Lindvik",
            "summary": summary if id == max(ids) else f"Påhittad notis {id}.",
            "url": f"/aktuellt/handelser/{id}/",
            "type": types[id],
            "location": {"name": "Lindvik", "gps": "59.1,18.1"},
        }
        for id in reversed(ids)
    ]
    body = json.dumps(window).encode()
    store.landing.land("polisen_events", body, received_at=at, landed_at=at, name="a.json", run_id="r")


def test_a_picture_whose_text_has_been_erased_since_is_made_again_without_it_and_says_so(town, capsys):
    store = Store.at(town / "data")
    store.pictures.unlink()
    shutil.rmtree(store.published)
    police_notices(store, "En tidigare lydelse.", 0)
    settings, _ = open_house(str(town / "lindvik"), str(town / "data"))
    assert read_feed(store, settings, "polisen_events", Run.start()).ingested.accepted == 500
    publish_then(town)
    (path,) = store.published.glob("picture_*.json")
    assert "En tidigare lydelse." in path.read_text(encoding="utf-8")
    police_notices(store, "En senare lydelse.", 40)
    read_feed(store, settings, "polisen_events", Run.start())
    late = Run.start(now=lambda: datetime(2025, 12, 1, tzinfo=UTC))
    assert erase_withdrawn_texts(store, settings, late)["notes"] == 1
    told = made_again(town, capsys)
    assert told["verdict"].startswith("not the picture published then")
    assert "1 landed deliveries have had withdrawn texts erased since" in told["verdict"]
    assert "report this" not in told["verdict"]
    again = Path(told["picture_json"]).read_text(encoding="utf-8")
    assert "En tidigare lydelse." not in again and "En senare lydelse." not in again
    assert "Påhittad notis" in again
