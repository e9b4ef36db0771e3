"""The made-up town's feeds with synthetic personal data in every field, as each connector's own contract names them.

A field that a connector learns to read is sent the canaries without a line here being changed, save for the guards'
tables, whose mappings are held against what is sent (`fields_not_sent`).
"""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

import connectors.guard_tabular
from connectors.open311.fields import KNOWN_FIELDS, PERSON_FIELDS
from connectors.polisen_events.entries import LOCATION_KEYS, RECORD_KEYS
from connectors.register_tabular.fields import fields_of, spellings
from connectors.smhi_warnings import connector as smhi
from connectors.vma_alerts import connector as vma
from flows.settings import BUNDLED, Settings
from tests.flows.crash_sweep import HEADER as NORDVAKT

#: Test numbers and made-up people: what stands in a field, and what of it no output may hold.
CANARIES = {
    "identity_number": ("19811218-9876", ("811218-9876", "8112189876")),
    "bare_identity_number": ("198112189876", ("8112189876",)),
    "coordination_number": ("701063-2391", ("701063-2391", "7010632391")),
    "phone": ("070-174 06 58", ("174 06 58", "1740658")),
    "bare_phone": ("0701740658", ("1740658",)),
    "plate": ("JHG 482", ("jhg 482", "jhg482")),
    "bare_plate": ("JHG482", ("jhg482",)),
    "email": ("kanarina@example.org", ("kanarina", "example.org")),
    "name": ("Kanarina Provsson", ("kanarina", "provsson")),
    "one_name": ("Kanarina", ("kanarina",)),
}
TOKENS = sorted({token for _, tokens in CANARIES.values() for token in tokens})
TEXTS = [text for text, _ in CANARIES.values()]

#: Fields whose words are shown as they were told, scrubbed of numbers, addresses and plates: nobody can tell a name
#: from another word (connectors' SOURCE.md). They are sent everything but names, as are the registers' texts.
SHOWN = {
    "polisen_events": {"summary"},
    "smhi_varningar": {
        "event.sv",
        "event.en",
        *(f"warningAreas.0.{name}.{word}" for name in ("areaName", "eventDescription") for word in ("sv", "en")),
    },
    "vma": {"info.0.area.0.areaDesc"},
}


def is_name(kind: str) -> bool:
    return "name" in kind


TRYGGVE = "Ärendenr;Händelsedatum;Klockslag;Plats;Kategori;Insats;Polis;Lat;Long;Antal;Notering;Väktare"
LINDHEM = "ID;Anmäld;Område;Rubrik;Status;Åtgärdad;Fritext"
WALK = "Nr;Datum;Plats;Iakttagelse;Status;Anteckning;Föreslagen åtgärd;Ansvarig;Klart senast"
HONEST = {
    "guard_nordvakt": (NORDVAKT, "N{0};2026-10-01;23.10;;Torget;Klotter;;Tillsägelse;Nej;;;;;"),
    "guard_tryggve": (TRYGGVE, "T{0};2026-10-01;23:10;Torget;Graffiti;Tillsägelse;Nej;;;1;;"),
    "bostad_lindhem": (LINDHEM, "L{0};01.10.2026 23.10;Centrum;Klotter;Ny;;"),
    "trygghetsvandring": (WALK, "W{0};2026-10-01;Torget;Klotter;Ny;;;;"),
}


def table_of(feed: str) -> list[list[str]]:
    """The feed's header with one strange column more, honest rows, and a row for each canary in each cell."""
    header, honest = HONEST[feed]
    rows = [[*header.split(";"), TEXTS[8]]]
    rows += [[*honest.format(number).split(";"), ""] for number in range(120)]
    for number, text in enumerate(TEXTS):
        for column in range(len(rows[0])):
            cells = [*honest.format(f"{number}-{column}").split(";"), ""]
            cells[column] = text
            rows.append(cells)
    return rows


def separated(rows: Sequence[Sequence[str]], separator: str, encoding: str) -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet(TEXTS[8])
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    return buffer.getvalue()


def requests() -> bytes:
    fields = sorted(KNOWN_FIELDS | PERSON_FIELDS)
    honest = {"status": "open", "service_code": "KLO", "requested_datetime": "2026-10-01T10:00:00+02:00"}
    records: list[dict[str, Any]] = [{**honest, "service_request_id": f"LF-{n}"} for n in range(40)]
    for number, text in enumerate(TEXTS):
        for field in fields:
            records.append({**honest, "service_request_id": f"LF-{number}-{fields.index(field)}", field: text})
        records.append({**honest, "service_request_id": f"LF-x{number}", text: text, "extended_attributes": {text: 1}})
    return json.dumps(records, ensure_ascii=False).encode()


def notices() -> Iterator[dict[str, Any]]:
    """A window of the police, 500 long: each canary in each field, honest notices for the rest."""

    def notice(number: int, **changes: Any) -> dict[str, Any]:
        kind = ("Brand", "Misshandel", "Stöld", "Rån", "Klotter", "Bråk", "Inbrott", "Bedrägeri", "Djur", "Övrigt")[
            number % 10
        ]
        honest = {
            "id": 700_000 + number,
            "datetime": "2026-10-01 12:00:00 +02:00",
            "name": f"1 oktober 11.30, {kind}, Lindvik",
            "summary": "Påhittad.",
            "url": f"/x/{number}/",
            "type": kind,
            "location": {"name": "Lindö län", "gps": "58.9,17.0"},
        }
        return {**honest, **changes}

    number = 0
    for kind, (text, _) in CANARIES.items():
        for changes in (
            {"name": f"1 oktober 11.30, Brand, {text}"},
            {"name": f"1 oktober 11.30, {text}, Lindvik"},
            {"name": text},
            {"type": text},
            {"location": {"name": text, "gps": text}},
            {"url": text, text: text},
            *({key: text} for key in RECORD_KEYS if key not in SHOWN["polisen_events"]),
            *({"location": {"name": "Lindö län", "gps": "58.9,17.0", key: text}} for key in LOCATION_KEYS),
            {} if is_name(kind) else {"summary": f"Ring {text} om du såg något. {text}"},
        ):
            number += 1
            yield notice(number, **changes)
    yield notice(number + 1, id=198112189876)
    for honest in range(number + 2, 501):
        yield notice(honest)


def refused() -> Iterator[tuple[str, str, bytes]]:
    """(feed, file name, bytes) of deliveries that cannot be read, with a name where the reason lies."""
    text, header = TEXTS[8], NORDVAKT
    yield "guard_nordvakt", "twice.csv", f"{header};{text};{text}\r\n".encode("cp1252")
    yield "guard_nordvakt", "missing.csv", f"{header.replace('Datum', text)}\r\n{text}\r\n".encode("cp1252")
    yield "guard_nordvakt", "quote.csv", f'{header}\r\n"{text}'.encode("cp1252")
    yield "guard_nordvakt", "rows.csv", f"{header}\r\n{(text + ';' + text + chr(13) + chr(10)) * 9}".encode("cp1252")
    yield "guard_tryggve", "other.xlsx", workbook([[text] * 3, [text] * 3])
    yield "guard_tryggve", "text.xlsx", text.encode()
    yield "polisen_events", "keys.json", json.dumps([{text: text}] * 500).encode()
    yield "polisen_events", "cut.json", json.dumps([text]).encode()[:-3]
    yield "polisen_events", "twice.json", f'[{{"{text}": 1, "{text}": 2}}]'.encode()
    yield "felanmalan", "error.json", json.dumps({"errors": [{"code": text, "description": text}]}).encode()
    yield "felanmalan", "broken.xml", f"<service_requests><{text.split()[0]}>{text}".encode()
    yield (
        "felanmalan",
        "entity.xml",
        f'<!DOCTYPE a [<!ENTITY e "{text}">]><service_requests>&e;</service_requests>'.encode(),
    )


def register_table(register: str) -> list[list[str]]:
    """A register's own headers, honest rows, and a row for each canary in each field."""
    fields = fields_of(register)
    numbers = iter(range(10_000))

    def honest() -> list[str]:
        number = next(numbers)
        told = {
            "key": f"K{number}", "text": f"Påhittat {number}", "category": "skada.skadegorelse", "place": "Stortorget",
            "area": "Centrum", "owner": "Polisen", "day": "2026-10-01", "clock": "20.00", "count": "2",
            "weekdays": "mån-fre",
        }  # fmt: skip
        return [told.get(one.reads) or min(spellings()[one.column]) for one in fields]

    rows = [[*(one.headers[0] for one in fields), TEXTS[8]]] + [[*honest(), ""] for _ in range(60)]
    for kind, (text, _) in CANARIES.items():
        for column in range(len(fields) + 1):
            if column < len(fields) and fields[column].reads == "text" and is_name(kind):
                continue
            cells = [*honest(), ""]
            cells[column] = text
            rows.append(cells)
    return rows


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """The dotted paths of every value that is no object or list."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path
    for key, part in parts or ():
        yield from leaves(part, f"{path}.{key}" if path else str(key))


def planted(record: dict[str, Any], path: str, text: str) -> dict[str, Any]:
    found: Any = json.loads(json.dumps(record))  # nothing in it shared
    record = found
    *way, last = path.split(".")
    for key in way:
        found = found[int(key) if isinstance(found, list) else key]
    found[int(last) if isinstance(found, list) else last] = text
    return record


def answers(feed: str, honest: dict[str, Any], declared: Sequence[str], key: str) -> list[dict[str, Any]]:
    """Records of which each has one canary: in each leaf of an honest one, and in each declared field it has not."""
    paths = sorted({*leaves(honest), *declared, TEXTS[8]})
    records = [{**honest, key: f"SRCAP{number:08}I" if feed == "vma" else number} for number in range(30)]
    for kind, (text, _) in CANARIES.items():
        for path in paths:
            if not (is_name(kind) and path in SHOWN[feed]):
                own = {**honest, key: f"SRCAP{len(records):08}I" if feed == "vma" else len(records)}
                records.append(planted(own, path, text))
    return records


def warnings() -> list[dict[str, Any]]:
    words = {"sv": "Regn", "en": "Rain", "code": "RAIN"}
    area = {
        "id": 1, "approximateStart": "2026-10-01T14:00:00.000Z", "approximateEnd": "2026-10-02T05:00:00.000Z",
        "published": "2026-10-01T05:00:00.000Z", "normalProbability": True,
        "areaName": {"sv": "Lindö län", "en": "Lindö County"},
        "warningLevel": {"sv": "Gul", "en": "Yellow", "code": "YELLOW"}, "eventDescription": words,
        "affectedAreas": [{"id": 99, "sv": "Lindö län", "en": "Lindö County"}],
        "descriptions": [{"title": words, "text": {"sv": "Påhittat.", "en": "Made up."}}],
    }  # fmt: skip
    honest = {"id": 1, "normalProbability": True, "event": words, "descriptions": [], "warningAreas": [area]}
    declared = [name for name in smhi._WARNING_FIELDS if name != "warningAreas"]
    declared += [f"warningAreas.0.{name}" for name in smhi._AREA_FIELDS if name not in area]
    return answers("smhi_varningar", honest, declared, "id")


def alerts() -> list[dict[str, Any]]:
    info = {
        "language": "sv-SE", "category": ["Safety"], "event": "VMA", "urgency": "Immediate", "severity": "Severe",
        "certainty": "Observed", "expires": "2026-10-01T20:00:00+02:00", "senderName": "Sveriges Radio",
        "headline": "Påhittat",
        "description": "Påhittat.", "instruction": "Gå inomhus.", "web": "https://sverigesradio.se", "contact": "",
        "parameter": [{"valueName": "x", "value": "y"}], "resource": [{"resourceDesc": "", "uri": ""}],
        "area": [{"areaDesc": "Lindviks kommun", "geocode": [{"valueName": "Kommun", "value": "9901"}]}],
    }  # fmt: skip
    honest = {
        "identifier": "", "sender": "https://vmaapi.sr.se/api/v3", "sent": "2026-10-01T10:00:00+02:00",
        "status": "Actual",
        "scope": "Public", "msgType": "Alert", "references": None, "incidents": "SRVMA1", "info": [info],
    }  # fmt: skip
    return answers("vma", honest, [name for name in vma._ALERT_FIELDS if name != "info"], "identifier")


def deliveries(settings: Settings) -> dict[str, tuple[str, bytes]]:
    """(file name, bytes) of one delivery for each feed of the town."""
    files = {
        "guard_nordvakt": ("natt.csv", separated(table_of("guard_nordvakt"), ";", "cp1252")),
        "guard_tryggve": ("natt.xlsx", workbook(table_of("guard_tryggve"))),
        "bostad_lindhem": ("dygn.txt", separated(table_of("bostad_lindhem"), "\t", "utf-8-sig")),
        "trygghetsvandring": ("protokoll.csv", separated(table_of("trygghetsvandring"), ";", "utf-8-sig")),
        "felanmalan": ("requests.json", requests()),
        "polisen_events": ("events.json", written(list(notices()))),
        "smhi_varningar": ("warning.json", written(warnings())),
        "vma": ("alerts.json", written({"timestamp": "2026-10-01T10:00:00+02:00", "alerts": alerts()})),
    }
    for name, feed in settings.feeds.items():
        if feed.kind == "register_tabular":
            files[name] = ("register.csv", separated(register_table(feed.options["register"]), ";", "utf-8-sig"))
    return files


def written(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def fields_not_sent() -> set[str]:
    """The columns that a guard company's mapping names and the table sent for it has not."""
    missing = set()
    companies = {"guard_nordvakt": "nordvakt", "guard_tryggve": "tryggve", "bostad_lindhem": "bostad_lindhem"}
    folder = Path(connectors.guard_tabular.__file__).parent / "mappings"
    mappings = {feed: folder / f"{name}.toml" for feed, name in companies.items()}
    mappings["trygghetsvandring"] = BUNDLED / "lindvik" / "mappings" / "trygghetsvandring.toml"
    for feed, path in mappings.items():
        columns = tomllib.loads(path.read_text(encoding="utf-8"))["columns"]
        sent = HONEST[feed][0].split(";")
        for name, headers in columns.items():
            wanted = headers if name == "ignored" else [next((one for one in headers if one in sent), headers[0])]
            missing |= {f"{feed}: {one}" for one in wanted if one not in sent}
    return missing
