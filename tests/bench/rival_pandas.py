"""The other rival: plain pandas over the same raw files, all in memory. Steps, columns and results as in ``rival.sql``.

Written as one would write it who knows pandas: whole columns at a time, what was told before collapsed on a row hash
before anything is parsed, words and places by ``map``. No column is left out and none is made slower than need be.
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from pathlib import Path

import pandas as pd

from tests.bench.measure import second_cost
from tests.bench.words import MONTHS

PROJECT = Path(__file__).resolve().parents[2]
ZONE = "Europe/Stockholm"
KEY = ["source_id", "source_key"]
#: What a picture and the queries ask of the versions; the other columns are not read.
ASKED = [*KEY, "version", "occurred_from", "reported_at", "category", "counts_as", "area_id", "place_id"]


def read(folder: str, out: str) -> dict[str, int]:
    """Read ``folder``'s deliveries into ``out``; later calls add what is new, by a merge on key and hash."""
    told = pd.concat([_guard(Path(folder)), _police(Path(folder)), _requests(Path(folder))], ignore_index=True)
    told["received_at"] = pd.to_datetime(
        told["delivery"].str.extract(r"(\d{4}-\d\d-\d\d_\d{4})", expand=False), format="%Y-%m-%d_%H%M"
    )
    told = told.sort_values("received_at", kind="stable", ignore_index=True)
    told["ingested_at"] = told.pop("received_at").dt.tz_localize(ZONE).dt.tz_convert("UTC")
    report = told.groupby(KEY, sort=False)
    told["version"] = report.cumcount() + 1
    told["first_seen_at"] = report["ingested_at"].transform("first")
    Path(out).mkdir(parents=True, exist_ok=True)
    stands = sorted(Path(out).glob("*.parquet"))
    if stands:
        told = _only_new(told, stands)
    told["change_kind"] = (told["version"] == 1).map({True: "new", False: "changed"})
    _normalise(told)
    told = told.drop(columns=["word", "town", "note", "action"])
    told.to_parquet(Path(out) / f"{len(stands):04d}.parquet", compression="zstd", index=False)
    return {"versions": len(told)}


def _only_new(told: pd.DataFrame, stands: list[Path]) -> pd.DataFrame:
    """What is not in the files yet, numbered on from what is."""
    columns = [*KEY, "h", "version", "first_seen_at"]
    known = pd.concat([pd.read_parquet(path, columns=columns) for path in stands])
    known = known[known["source_key"].isin(told["source_key"])]
    told = told.merge(known[[*KEY, "h"]], on=[*KEY, "h"], how="left", indicator=True)
    told = told[told.pop("_merge") == "left_only"]
    before = known.groupby(KEY).agg(last=("version", "max"), first=("first_seen_at", "min")).reset_index()
    told = told.merge(before, on=KEY, how="left")
    told["version"] += told.pop("last").fillna(0).astype(int)
    told["first_seen_at"] = told.pop("first").fillna(told["first_seen_at"])
    return told


def _normalise(told: pd.DataFrame) -> None:
    """Fill the columns that all three feeds have alike, from the tables of words, places and municipalities."""
    categories = pd.read_csv(PROJECT / "warehouse/categories.csv").set_index("code")
    places = pd.read_csv(PROJECT / "flows/municipality/lindvik/places.csv").set_index("place_name")
    towns = pd.read_csv(PROJECT / "connectors/municipalities.csv", dtype=str).set_index("municipality_name")
    told["report_id"] = told["source_id"] + ":" + told["source_key"]
    told["run_id"], told["observation"], told["tlp"], told["pii_flags"] = "bench", "seen", "TLP:AMBER", ""
    told["occurred_is_ambiguous"] = False
    is_known = told["category"].notna()
    told["category_source"] = told["word"].where(is_known)
    told["dq_flags"] = is_known.map({True: "", False: "unmapped_category"})
    told["category"] = told["category"].fillna("okand")
    told["counts_as"] = told["category"].map(categories["counts_as"])
    told["severity"] = told["category"].map(categories["default_severity"])
    told["is_person_sensitive"] = told["category"].map(categories["max_location_precision"] == "kommun")
    told["occurred_precision"] = "minute"
    told.loc[told["occurred_until"] > told["occurred_from"], "occurred_precision"] = "interval"
    told.loc[told["occurred_from"].isna(), "occurred_precision"] = "unknown"
    told["occurred_until"] = told["occurred_until"].mask(told["occurred_until"] == told["occurred_from"])
    for name in ("place_id", "place_type", "publicness", "area_id", "latitude", "longitude"):
        told[name] = told["place_text"].map(places[name])
    told["municipality_code"] = told["town"].map(towns["municipality_code"])
    in_town, is_placed = told["municipality_code"].notna(), told["place_id"].notna()
    told["place_text"] = told["place_text"].where(is_placed, told["town"].where(in_town))
    told["county_code"] = told["town"].map(towns["county_code"]).fillna("99")
    told["municipality_code"] = told["municipality_code"].mask(told["town"].isna(), "9901")
    told["location_precision"], told["location_method"] = "okand", "none"
    told.loc[in_town, ["location_precision", "location_method"]] = "kommun", "title"
    told.loc[is_placed, ["location_precision", "location_method"]] = "plats", "gazetteer_exact"
    told.loc[told["latitude"].notna(), "location_precision"] = "punkt"
    action = (" " + told["action"] + ".").fillna("")
    told["note_public"] = told["note"].fillna(told["category"].map(categories["sv"]) + "." + action)
    told["action_taken"] = told["action"].map(_mapping("guard_tabular/mappings/nordvakt.toml", "action"))
    told["retain_until"] = (told["ingested_at"] + pd.Timedelta(days=730)).dt.date


def refresh(out: str) -> dict[str, int]:
    """The counts of a picture."""
    report = _current(_versions(out, ASKED))
    report["at"] = report["occurred_from"].fillna(report["reported_at"])
    report["day"] = report["at"].dt.tz_convert(ZONE).dt.normalize().dt.tz_localize(None)
    counted = report[report["counts_as"] == "incident"]
    day = counted.groupby(["source_id", "area_id", "category", "day"], dropna=False).size().rename("n").reset_index()
    week = day[day["day"] >= "2026-10-09"].groupby(["area_id", "category"])["n"].sum()
    usual = day[day["day"].between("2025-10-10", "2026-10-08")].groupby(["area_id", "category"])["n"].sum() / 52
    cell = pd.DataFrame({"week": week, "usual": usual})
    recent = report[report["at"] >= pd.Timestamp("2026-09-18", tz="UTC")]
    recent["place_id"].value_counts().head(10)
    local = recent["occurred_from"].dt.tz_convert(ZONE)
    recent.groupby([local.dt.day_of_week, local.dt.hour]).size()
    cell.to_parquet(Path(out) / "cell.picture")
    return {"cells": len(cell)}


def warm(out: str) -> dict[str, object]:
    """The same in a process that has made them once."""
    return second_cost(lambda: refresh(out))


def queries(out: str) -> dict[str, int]:
    """The eight analyst queries, over all versions."""
    version = _versions(out, [*ASKED, "ingested_at", "status", "severity"])
    report = _current(version)
    report["at"] = report["occurred_from"].fillna(report["reported_at"])
    local = report["at"].dt.tz_convert(ZONE)
    occurred = report["occurred_from"].dt.tz_convert(ZONE)
    first = version.groupby(KEY)["ingested_at"].min().rename("first_at").reset_index()
    known = version[version["ingested_at"] <= pd.Timestamp("2026-09-25 06:00", tz=ZONE)]
    month = version["ingested_at"].dt.tz_convert("UTC").dt.tz_localize(None).dt.to_period("M")
    closed = report[report["status"] == "closed"].merge(first, on=KEY)
    later = version[version["version"] > 1].merge(first, on=KEY)
    last_year = report[report["at"] >= pd.Timestamp("2025-10-16", tz="UTC")]
    answers = {
        "area_by_month": report[report["counts_as"] == "incident"]
        .groupby(["area_id", local.dt.tz_localize(None).dt.to_period("M")], dropna=False)
        .size(),
        "weekday_hour": report.groupby(["category", occurred.dt.day_of_week, occurred.dt.hour]).size(),
        "as_of": _current(known).groupby("category").size(),
        "versions_by_month": version.groupby(["source_id", month])["version"].agg(["size", lambda v: (v > 1).sum()]),
        "top_places": last_year["place_id"].value_counts().head(20),
        "days_to_close": (closed["ingested_at"] - closed["first_at"]).groupby(closed["area_id"], dropna=False).median(),
        "late_corrections": (later["ingested_at"] > later["first_at"] + pd.Timedelta(days=7))
        .groupby(later["source_id"])
        .agg(["sum", "size"]),
        "severe_last_year": last_year[last_year["severity"] >= 4].groupby(["source_id", "category"]).size(),
    }
    return {name: len(answer) for name, answer in answers.items()}


def _versions(out: str, columns: list[str]) -> pd.DataFrame:
    files = sorted(Path(out).glob("*.parquet"))
    return pd.concat([pd.read_parquet(path, columns=columns) for path in files], ignore_index=True)


def _current(version: pd.DataFrame) -> pd.DataFrame:
    return version.sort_values("version").drop_duplicates(KEY, keep="last").copy()


def _mapping(name: str, table: str) -> dict[str, str]:
    return tomllib.loads((PROJECT / "connectors" / name).read_text(encoding="utf-8"))[table]


def _local(text: pd.Series) -> pd.Series:
    """The local times, without a zone; NaT where the text is none."""
    return pd.to_datetime(text, format="%Y-%m-%d %H.%M", errors="coerce")


def _utc(local: pd.Series) -> pd.Series:
    hour = pd.Timedelta(hours=1)  # the nights the clock is changed are read as DuckDB reads them
    return local.dt.tz_localize(ZONE, ambiguous=False, nonexistent=hour).dt.tz_convert("UTC")


def _once(frames: list[pd.DataFrame], key: str, told: list[str]) -> pd.DataFrame:
    """The deliveries' rows, each wording of a report once, as first delivered; ``h`` is its hash."""
    raw = pd.concat(frames, ignore_index=True)
    raw["h"] = pd.util.hash_pandas_object(raw[told], index=False)
    return raw.drop_duplicates([key, "h"], ignore_index=True)


def _guard(folder: Path) -> pd.DataFrame:
    told = ["Datum", "Tid från", "Tid till", "Objekt", "Händelsetyp", "Åtgärd", "Polis tillkallad", "N", "E"]
    frames = [
        pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, usecols=["Rapportnr", *told]).assign(
            delivery=path.name
        )
        for path in sorted((folder / "guard_nordvakt").iterdir())
    ]
    raw = _once(frames, "Rapportnr", told)
    times = pd.DataFrame({name: _local(raw["Datum"] + " " + raw[name]) for name in ("Tid från", "Tid till")})
    raw, times = raw[times["Tid från"].notna()], times[times["Tid från"].notna()]
    for name in times:  # a shift's report of the small hours bears the date the shift began
        times[name] += pd.to_timedelta((times[name].dt.hour < 7).astype(int), unit="D")
    return pd.DataFrame(
        {
            "source_id": "guard_nordvakt",
            "owner_org": "Nordvakt",
            "observation_type": "guard_report",
            "source_key": raw["Rapportnr"],
            "h": raw["h"],
            "delivery": raw["delivery"],
            "occurred_from": _utc(times["Tid från"]),
            "occurred_until": _utc(times["Tid till"]),
            "word": raw["Händelsetyp"],
            "category": raw["Händelsetyp"].map(_mapping("guard_tabular/mappings/nordvakt.toml", "category")),
            "place_text": raw["Objekt"],
            "action": raw["Åtgärd"],
            "police_informed": raw["Polis tillkallad"] == "Ja",
        }
    )


def _police(folder: Path) -> pd.DataFrame:
    frames = []
    for path in sorted((folder / "polisen_events").iterdir()):
        raw = pd.DataFrame(json.loads(path.read_bytes()))
        raw["town"] = [location["name"] for location in raw["location"]]
        raw["gps"] = [location["gps"] for location in raw.pop("location")]
        frames.append(raw.assign(delivery=path.name))
    raw = _once(frames, "id", ["datetime", "name", "summary", "url", "type", "town", "gps"])
    with (PROJECT / "connectors/polisen_events/categories.csv").open(encoding="utf-8", newline="") as lines:
        words = {line["polisen_type"]: line["category"] for line in csv.DictReader(lines)}
    published = pd.to_datetime(raw["datetime"].str.replace(r" (\d):", r" 0\1:", regex=True), utc=True)
    title = raw["name"].str.extract(r"^(\d+) ([a-z]+) (\d+\.\d\d),")
    month = title[1].map({name: str(n) for n, name in enumerate(MONTHS, start=1)})
    occurred = _local(published.dt.year.astype(str) + "-" + month + "-" + title[0] + " " + title[2])
    return pd.DataFrame(
        {
            "source_id": "polisen_events",
            "owner_org": "Polisen",
            "observation_type": "police_notice",
            "source_key": raw["id"].astype(str),
            "h": raw["h"],
            "delivery": raw["delivery"],
            "occurred_from": _utc(occurred),
            "published_at": published,
            "word": raw["type"],
            "category": raw["type"].map(words),
            "place_text": raw["town"],
            "town": raw["town"],
            "note": raw["summary"],
            "status": "unknown",
        }
    )


def _requests(folder: Path) -> pd.DataFrame:
    told = ["status", "service_code", "description", "requested_datetime", "updated_datetime", "address", "lat", "long"]
    frames = [
        pd.DataFrame(json.loads(path.read_bytes())).assign(delivery=path.name)
        for path in sorted((folder / "felanmalan").iterdir())
    ]
    raw = _once(frames, "service_request_id", told)
    raw = raw[(raw["service_code"] != "HAL") & (raw["requested_datetime"] != "")]
    updated = pd.to_datetime(raw["updated_datetime"], utc=True)
    return pd.DataFrame(
        {
            "source_id": "felanmalan",
            "owner_org": "Kommunen",
            "observation_type": "municipal_request",
            "source_key": raw["service_request_id"],
            "h": raw["h"],
            "delivery": raw["delivery"],
            "reported_at": pd.to_datetime(raw["requested_datetime"], utc=True),
            "closed_at": updated.where(raw["status"] == "closed"),
            "word": raw["service_code"],
            "category": raw["service_code"].map(_mapping("open311/mappings/felanmalan.toml", "categories")),
            "place_text": raw["address"],
            "status": raw["status"],
        }
    )


if __name__ == "__main__":
    print(json.dumps({"read": read, "refresh": refresh, "warm": warm, "queries": queries}[sys.argv[1]](*sys.argv[2:])))
