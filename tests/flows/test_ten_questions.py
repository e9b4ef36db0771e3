"""What ``docs/tio_fragor.md`` says of the sheet is true of the demo's: each §, heading and quoted word stands there."""

from __future__ import annotations

import re
from pathlib import Path

from flows.store import Store
from tests.flows.read_aloud import read_aloud

TABLE = Path(__file__).parents[2] / "docs" / "tio_fragor.md"
#: Words quoted from other mornings than the demo's first.
OTHER_MORNINGS = {"Borta sedan förra", "inget VMA gäller", "okänt", "inget"}


def answers() -> list[tuple[str, str]]:
    """Each question of the table with where its answer stands."""
    rows = re.findall(r"^\| ([^|]+\?) \| (.+) \|$", TABLE.read_text(encoding="utf-8"), re.M)
    assert len(rows) >= 10
    return rows


def sheet_of(demo: Store) -> str:
    (sheet,) = demo.published.glob("utsattningsblad_*_sv.html")
    return read_aloud(sheet.read_text(encoding="utf-8"), until="Tabeller bakom")


def missing(rows: list[tuple[str, str]], told: str) -> list[str]:
    """What the answers name and the sheet does not have."""
    headings = dict(re.findall(r"^## (\d+) (.+)$", told, re.M))
    plain = re.sub(r"\[q[\d.]+\]", "", told)
    lost = []
    for question, answer in rows:
        for number, name in re.findall(r"§(\d+)(?: ([A-ZÅÄÖ][^:,;|]*?)(?=[:,;|]|$))?", answer):
            if number not in headings or not headings[number].startswith(name.strip()):
                lost.append(f"{question} §{number} {name}")
        for quoted in re.findall(r'"([^"]+)"', answer):
            words = re.split(r"[a-z]–[a-z]", quoted)[0].strip()  # "normalt a–b" stands for any numbers
            if quoted not in OTHER_MORNINGS and words not in plain:
                lost.append(f"{question} {quoted}")
    return lost


def test_every_section_and_word_the_questions_name_stands_on_the_demos_sheet(demo: Store) -> None:
    assert missing(answers(), sheet_of(demo)) == []


def test_a_section_renamed_or_a_word_gone_is_seen(demo: Store) -> None:
    told = sheet_of(demo).replace("## 5 Avvikelser", "## 5 Annat").replace("Nya 25", "Nya 24")
    assert len(missing(answers(), told)) == 2
