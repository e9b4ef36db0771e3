"""The other rival: plain pandas over the same raw files, all in memory. Steps and results as in ``rival_duckdb``."""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from pathlib import Path

import pandas as pd

from tests.bench.measure import second_cost

PROJECT = Path(__file__).resolve().parents[2]
ZONE = "Europe/Stockholm"
KEY = ["source_id", "source_key"]


def read(folder: str, out: str) -> dict[str, int]:
    """Read ``folder``'s deliveries into ``out``; later calls add what is new, by a merge on key and hash."""
    parts = [_guard(Path(folder)), _police(Path(folder)), _requests(Path(folder))]
    told = pd.concat(parts, ignore_index=True).sort_values("received_at", kind="stable")
    told = told.drop_duplicates([*KEY, "h"])
    told["ingested_at"] = told["received_at"].dt.tz_localize(ZONE)
    categories = pd.read_csv(PROJECT / "warehouse/categories.csv").set_index("code")
    places = pd.read_csv(PROJECT / "flows/municipality/lindvik/places.csv").set_index("place_name")
    told["severity"] = told["category"].map(categories["default_severity"])
    told["counts_as"] = told["category"].map(categories["counts_as"])
    for name in ("place_id", "area_id", "latitude", "longitude"):
        told[name] = told["place_text"].map(places[name])
    told["version"] = told.groupby(KEY).cumcount() + 1
    Path(out).mkdir(parents=True, exist_ok=True)
    stands = sorted(Path(out).glob("*.parquet"))
    if stands:
        known = pd.concat([pd.read_parquet(path, columns=[*KEY, "h", "version"]) for path in stands])
        known = known[known["source_key"].isin(told["source_key"])]
        told = told.merge(known[[*KEY, "h"]], on=[*KEY, "h"], how="left", indicator=True)
        told = told[told.pop("_merge") == "left_only"]
        last = known.groupby(KEY)["version"].max().rename("last").reset_index()
        told = told.merge(last, on=KEY, how="left")
        told["version"] = told["version"] + told.pop("last").fillna(0).astype(int)
    told.drop(columns=["received_at", "place_text"]).to_parquet(
        Path(out) / f"{len(stands):04d}.parquet", compression="zstd"
    )
    return {"versions": len(told)}


def refresh(out: str) -> dict[str, int]:
    """The counts of a picture."""
    report = _current(_versions(out))
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
    version = _versions(out)
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


def _versions(out: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted(Path(out).glob("*.parquet"))], ignore_index=True)


def _current(version: pd.DataFrame) -> pd.DataFrame:
    return version.sort_values("version").drop_duplicates(KEY, keep="last").copy()


def _received(path: Path) -> pd.Timestamp:
    return pd.to_datetime(
        path.stem.split("_", 1)[1] if "nordvakt" in path.stem or "requests" in path.stem else path.stem[7:],
        format="%Y-%m-%d_%H%M",
    )


def _mapping(name: str, table: str) -> dict[str, str]:
    return tomllib.loads((PROJECT / "connectors" / name).read_text(encoding="utf-8"))[table]


def _guard(folder: Path) -> pd.DataFrame:
    frames = []
    for path in sorted((folder / "guard_nordvakt").iterdir()):
        frames.append(pd.read_csv(path, sep=";", encoding="cp1252", dtype=str).assign(received_at=_received(path)))
    raw = pd.concat(frames, ignore_index=True)
    at = pd.to_datetime(raw["Datum"] + " " + raw["Tid från"], format="%Y-%m-%d %H.%M", errors="coerce")
    raw, at = raw[at.notna()].reset_index(drop=True), at[at.notna()].reset_index(drop=True)
    at += pd.to_timedelta((at.dt.hour < 7).astype(int), unit="D")
    told = ["Datum", "Tid från", "Tid till", "Objekt", "Händelsetyp", "Åtgärd", "Polis tillkallad", "N", "E"]
    return pd.DataFrame(
        {
            "source_id": "guard_nordvakt",
            "source_key": raw["Rapportnr"],
            "received_at": raw["received_at"],
            "h": pd.util.hash_pandas_object(raw[told], index=False),
            "occurred_from": at.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC"),
            "reported_at": pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us, UTC]"),
            "category": raw["Händelsetyp"]
            .map(_mapping("guard_tabular/mappings/nordvakt.toml", "category"))
            .fillna("okand"),
            "place_text": raw["Objekt"],
            "action": raw["Åtgärd"],
            "status": None,
        }
    )


def _police(folder: Path) -> pd.DataFrame:
    frames = []
    for path in sorted((folder / "polisen_events").iterdir()):
        raw = pd.DataFrame(json.loads(path.read_bytes()))
        raw["place_text"] = [location["name"] for location in raw.pop("location")]
        frames.append(raw.assign(received_at=_received(path)))
    raw = pd.concat(frames, ignore_index=True)
    hashes = pd.util.hash_pandas_object(raw.drop(columns=["received_at"]), index=False)
    with (PROJECT / "connectors/polisen_events/categories.csv").open(encoding="utf-8", newline="") as lines:
        words = {line["polisen_type"]: line["category"] for line in csv.DictReader(lines)}
    published = pd.to_datetime(raw["datetime"].str.replace(r" (\d):", r" 0\1:", regex=True), utc=True)
    return pd.DataFrame(
        {
            "source_id": "polisen_events",
            "source_key": raw["id"].astype(str),
            "received_at": raw["received_at"],
            "h": hashes,
            "occurred_from": published,
            "reported_at": pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us, UTC]"),
            "category": raw["type"].map(words).fillna("okand"),
            "place_text": raw["place_text"],
            "action": None,
            "status": None,
        }
    )


def _requests(folder: Path) -> pd.DataFrame:
    files = sorted((folder / "felanmalan").iterdir())
    raw = pd.concat(
        [pd.DataFrame(json.loads(path.read_bytes())).assign(received_at=_received(path)) for path in files],
        ignore_index=True,
    )
    raw = raw[(raw["service_code"] != "HAL") & (raw["requested_datetime"] != "")].reset_index(drop=True)
    told = ["status", "service_code", "description", "requested_datetime", "updated_datetime", "address", "lat", "long"]
    return pd.DataFrame(
        {
            "source_id": "felanmalan",
            "source_key": raw["service_request_id"],
            "received_at": raw["received_at"],
            "h": pd.util.hash_pandas_object(raw[told], index=False),
            "occurred_from": pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us, UTC]"),
            "reported_at": pd.to_datetime(raw["requested_datetime"], utc=True),
            "category": raw["service_code"]
            .map(_mapping("open311/mappings/felanmalan.toml", "categories"))
            .fillna("okand"),
            "place_text": raw["address"],
            "action": None,
            "status": raw["status"],
        }
    )


if __name__ == "__main__":
    print(json.dumps({"read": read, "refresh": refresh, "warm": warm, "queries": queries}[sys.argv[1]](*sys.argv[2:])))
