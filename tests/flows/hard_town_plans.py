"""The hard towns one by one: what is in each, and so what its sheet must show. Nothing is random."""

from __future__ import annotations

import atexit
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import mkdtemp

from tests.flows.hard_towns import FAULTS, GUARD, NIGHTS, POLICE, ZONE, Made, Plan, Row, guard_file, make, register_file
from tests.warehouse.publish.hostile_morning import HOSTILE

#: What guards tell of, the common first.
WORDS = ("Ordningsstörning", "Skadegörelse", "Klotter", "Bråk", "Stöld", "Hot", "Misshandel", "Rån", "Anlagd brand")
INSATS = "Nr;Problem;Typ;Plats;Ägare;Beslutad;Start;Slut;Veckodagar;Kl från;Kl till;Enhet;Planerat;Utfört;Status;Utfall"
EVENT = "Nr;Evenemang;Typ;Plats;Datum;Till;Kl från;Kl till;Väntat antal;Status"
RESOURCE = "Organisation;Slag;Antal;Plats;Datum;Till;Kl från;Kl till"
ASSESSMENT = "Nr;Slag;Område;Fråga;Vem frågar;Frågas;Svar senast;Status;Områdesstatus;Skäl;Beslutad;Till"
LONG = "Utsättningssamordningsverksamhetsområdesansvarig vid Storängsbottenvägens idrottsplats"
WORD_10000 = "Ö" * 10_000


def friday(name: str, areas: list[str], places: list[tuple[str, int]], **values: object) -> Plan:
    """A plan for an ordinary Friday in October at 06:15."""
    return Plan(name, datetime(2026, 10, 16, 6, 15, tzinfo=ZONE), areas, places, **values)  # type: ignore[arg-type]


def reports(plan: Plan, first: int, last: int, per_day: int, prefix: str = "") -> list[Row]:
    """``per_day`` reports of each day from ``first`` to ``last`` days ago, most of them in the evening."""
    return [
        {
            "id": f"{prefix}{days}-{n}",
            "day": plan.at(days).date(),
            "clock": f"{(17 + n * 5 % 12) % 24:02d}.{n * 7 % 60:02d}",
            "place": plan.places[(n * n + days) % len(plan.places)][0],
            "word": WORDS[(n * n * 3 + days) % 23 % len(WORDS)],
            "text": plan.said,
        }
        for days in range(first, last - 1, -1)
        for n in range(per_day)
    ]


def history(plan: Plan, per_day: int, days: int = 72, last_night: int | None = None, feed: str = GUARD) -> None:
    """An archive up to the day before yesterday, and last night's delivery."""
    plan.send(feed, plan.at(1), guard_file(reports(plan, days, 2, per_day)))
    plan.send(feed, plan.at(0), guard_file(reports(plan, 3, 1, last_night or per_day)))


def notice(plan: Plan, number: int, kind: str, place: str, hour: str = "04.10", **values: object) -> Row:
    """A police notice of the picture's day."""
    day = plan.moment.date()
    month = {3: "mars", 10: "oktober"}[day.month]
    offset = f"{plan.moment:%z}"
    return {
        "id": number,
        "datetime": f"{day} 5:10:{number % 60:02d} {offset[:3]}:{offset[3:]}",
        "name": f"{day.day} {month} {hour}, {kind}, {place}",
        "summary": f"Påhittad notis {number}.",
        "url": f"/aktuellt/handelser/{number}/",
        "type": kind,
        "location": {"name": "Provlän", "gps": "59.1,17.1"},
        **values,
    }


def police(plan: Plan, *ours: Row) -> None:
    """A window of twelve notices: ours, and others from nowhere near."""
    kinds = ("Brand", "Misshandel", "Stöld", "Trafikolycka, personskada")
    others = [notice(plan, 900 + n, kinds[n % 4], "Annanstans") for n in range(12 - len(ours))]
    plan.send(POLICE, plan.at(0, "05:50"), json.dumps([*ours, *others], ensure_ascii=False).encode())


def all_registers(plan: Plan, days_ago: int = 1, count: int = 0, text: Callable[[int], str] = str) -> None:
    """Every register with ``count`` entries; ``text`` gives the words of the n-th."""
    day = {n: str(plan.at(-n).date()) for n in range(-40, 8)}
    insats, events, out, asked = [], [], [], []
    for n in range(count):
        # By alias: a name full of signs is nobody's way to write a place.
        what, where, owner = text(n), f"Plats {n % len(plan.places)}", f"Ägare {n % len(plan.owners)}"
        state = ["Pågår", "Genomförd", "Planerad"][n % 3]
        insats.append([f"I-{n}", what, "kontroll", where, owner, day[-30], day[-20], day[-n % 5 - 2], "", "20.00",
                       "02.00", "pass", "9", str(n % 9), state, what if n % 3 == 1 else ""])  # fmt: skip
        events.append([f"E-{n}", what, "match", where, day[n % 4], "", "19.00", "23.00", "12000", "Tillstånd"])
        out.append([owner, "Ordningsvakter", "4", where, day[0], day[2], "20.00", "03.00"])
        area = plan.areas[n % len(plan.areas)] if plan.areas else ""
        asked.append([f"F-{n}", "fråga", area, what, owner, "Ägare 0", day[0], "Öppen", "", "", day[-2], ""])
        if n % 2:
            status = ["gul", "orange"][n // 2 % 2]
            asked.append([f"S-{n}", "områdesstatus", area, "", owner, "", "", "", status, what, day[-2], ""])
    for feed, header, rows in (("insatser", INSATS, insats), ("evenemang", EVENT, events),
                               ("resurser", RESOURCE, out), ("bedomningar", ASSESSMENT, asked)):  # fmt: skip
        plan.send(feed, plan.at(days_ago, "15:40"), register_file(header, rows))


def four_areas(suffix: str = "") -> tuple[list[str], list[tuple[str, int]]]:
    """Four areas with three places each."""
    areas = [f"{name}{suffix}" for name in ("Norrby", "Österlid", "Söderås", "Väster")]
    return areas, [(f"{place} i {areas[n]}", n) for n in range(4) for place in ("Torget", "Skolan", "Stationen")]


def empty() -> Plan:
    """Every feed is heard and none has anything to tell; the registers are there and empty."""
    plan = friday("tom_stad", *four_areas())
    for feed in (GUARD, NIGHTS):
        for days in range(65, -1, -13):
            plan.send(feed, plan.at(days), guard_file([]) if days else b"")
    plan.send(FAULTS, plan.at(0), b"[]")
    police(plan)
    all_registers(plan)
    return plan


def dead() -> Plan:
    """Nothing was heard from anybody for ten days or more; one guard company and the fault reports never were."""
    plan = friday("tyst_stad", *four_areas())
    plan.send(GUARD, plan.at(10), guard_file(reports(plan, 70, 11, 9)))
    all_registers(plan, days_ago=40, count=3, text=lambda n: f"Beslut {n}")
    return plan


def crowded() -> Plan:
    """500 incidents a night for two months, and everything the registers can hold."""
    areas = [f"Stadsdel {n + 1}" for n in range(12)]
    plan = friday("het_stad", areas, [(f"Plats {n + 1} i {areas[n % 12]}", n % 12) for n in range(120)])
    history(plan, 500)
    police(plan, *[notice(plan, n, "Rån", plan.municipality) for n in range(6)])
    all_registers(plan, count=45, text=lambda n: f"Beslut nummer {n} om en plats som många har synpunkter på")
    return plan


def clock_change(name: str, moment: datetime) -> Plan:
    """A Sunday whose night has 23 or 25 hours, with events at and around the hour that is missing or doubled."""
    plan = Plan(name, moment, *four_areas())
    day = plan.at(1).date()  # the shift begins on Saturday
    history(plan, 9)
    night = [
        ("01.50", "", "Bråk"),
        ("02.30", "", "Rån"),
        ("02.50", "02.10", "Misshandel"),
        ("01.30", "03.30", "Anlagd brand"),
        ("03.10", "", "Vapen"),
    ]
    rows = [
        {"id": f"C{n}", "day": day, "clock": clock, "until": until, "place": plan.places[n][0], "word": word}
        for n, (clock, until, word) in enumerate(night)
    ]
    plan.send(NIGHTS, plan.at(2), guard_file(reports(plan, 65, 3, 3, prefix="N")))
    plan.send(NIGHTS, plan.at(0), guard_file([*reports(plan, 3, 2, 3, prefix="N"), *rows]))
    police(
        plan, notice(plan, 1, "Rån", plan.municipality, "02.30"), notice(plan, 2, "Brand", plan.municipality, "03.20")
    )
    all_registers(plan, count=3, text=lambda n: f"Beslut {n}")
    return plan


def autumn() -> Plan:
    """Sunday 25 October 2026: the hour between two and three came twice."""
    return clock_change("host_natt", datetime(2026, 10, 25, 6, 15, tzinfo=ZONE))


def autumn_eve() -> Plan:
    """The Saturday before: the sheet must hold until Sunday's, 25 hours later."""
    return clock_change("host_afton", datetime(2026, 10, 24, 6, 15, tzinfo=ZONE))


def spring() -> Plan:
    """Sunday 29 March 2026: the hour between two and three never was."""
    return clock_change("var_natt", datetime(2026, 3, 29, 6, 15, tzinfo=ZONE))


def long_names() -> Plan:
    """Names as long as anybody could write them, everywhere a name stands."""
    areas, places = four_areas()
    plan = friday(
        "lang_stad",
        [f"{name} {LONG}" for name in areas],
        [(f"{n} {name} {LONG}", area) for n, (name, area) in enumerate(places)],
        municipality=f"Prov{LONG.lower()}",
        owners=[f"{n} {LONG} {LONG}" for n in range(4)],
        titles={feed: f"{feed} {LONG} {LONG}" for feed in (GUARD, NIGHTS, FAULTS, POLICE)},
    )
    history(plan, 12, last_night=30)
    police(plan, notice(plan, 1, "Rån", plan.municipality, summary=f"{LONG} {LONG}"))
    all_registers(plan, count=9, text=lambda n: f"{n} {LONG} {LONG}")
    return plan


def one_area() -> Plan:
    """A municipality that is one area with two places."""
    plan = friday("liten_stad", ["Hela byn"], [("Torget", 0), ("Stationen", 0)])
    history(plan, 3, last_night=6)
    all_registers(plan, count=2, text=lambda n: f"Beslut {n}")
    return plan


def sixty_areas() -> Plan:
    """Sixty areas with three places each."""
    first, second = ("Norr", "Öster", "Söder", "Väster", "Mellan", "Ytter"), (
        "al", "bäck", "dal", "ek", "gran", "kvarn", "lind", "mark", "sten", "å",
    )  # fmt: skip
    areas = [f"{one}{other}{'by' if n % 2 else 'hamn'}" for n, (one, other) in enumerate(product(first, second))]
    places = [(f"{place} i {areas[n]}", n) for n in range(60) for place in ("Torget", "Skolan", "Parken")]
    plan = friday("stor_stad", areas, places)
    history(plan, 60, last_night=90)
    all_registers(plan, count=12, text=lambda n: f"Beslut {n}")
    return plan


def hostile() -> Plan:
    """An attack in every text anybody outside can write, and in the municipality's own names."""
    attacks = [
        *HOSTILE,
        "\u202eomvänt\u202c\u200b\u200d",
        "👩‍👩‍👧‍👦🔥",
        WORD_10000,
        "</text></svg><style>*{display:none}</style>",
    ]
    clean = [attack.replace("\x00", "").replace("\x1b", "") for attack in attacks]
    plan = friday(
        "elak_stad",
        [f"{n} {attack}" for n, attack in enumerate(clean)],
        [(f"{attack} {n}", n) for n, attack in enumerate(clean)],
        municipality=clean[3],
        owners=[f"{attack} {n}" for n, attack in enumerate(clean)],
        titles={GUARD: clean[0], NIGHTS: clean[7], FAULTS: WORD_10000, POLICE: clean[1], "insatser": clean[2]},
        said=attacks[1],
    )
    history(plan, 12, last_night=30)
    told = {"day": plan.at(1).date(), "clock": "23.00"}
    words = ("id", "place", "word", "text", "action")
    plan.send(NIGHTS, plan.at(0), guard_file([told | dict.fromkeys(words, attack) for attack in clean]))
    asked = {"status": "open", "service_code": "KLO", "requested_datetime": "2026-10-15T10:00:00+02:00"}
    asked |= {"lat": 59.19, "long": 17.02}  # type: ignore[dict-item]
    fields = ("service_request_id", "service_name", "description", "address")
    plan.send(FAULTS, plan.at(0), json.dumps([asked | dict.fromkeys(fields, attack) for attack in clean]).encode())
    police(plan, *[notice(plan, n, "Rån", plan.municipality, summary=text) for n, text in enumerate(attacks[:8])])
    all_registers(plan, count=30, text=lambda n: clean[n % len(clean)])
    return plan


PLANS = {
    plan.__name__: plan
    for plan in (empty, dead, crowded, autumn, autumn_eve, spring, long_names, one_area, sixty_areas, hostile)
}


@cache
def made(name: str) -> Made:
    """The town of one plan, made once a process."""
    folder = Path(mkdtemp(prefix=f"lagesbild-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(PLANS[name](), folder)
