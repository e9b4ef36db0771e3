"""``lagesbild insats``: the command line of the register. Standard library only, like the rest of ``--help``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

#: Field of the register → (option, help); the problem itself is the argument.
OPTIONS = {
    "type": "situationell, social, kontroll eller information",
    "category": "kategori, som skada.klotter",
    "place": "plats, som den står i places.csv",
    "area": "område, när ingen plats anges",
    "focus": "fokusområde i åtgärdsplanen",
    "owner": "ägare: en organisation eller roll i owners.csv, aldrig en person",
    "decided": "beslutad dag (i dag)",
    "start": "första dag",
    "stop": "sista dag: då ska utfallet vara känt",
    "weekdays": "veckodagar, som fre-lör",
    "clock-from": "klockan från",
    "clock-until": "klockan till",
    "unit": "pass, timme, besok, samtal eller atgard",
    "planned": "planerat antal",
    "goal": "mål",
    "indicator": "indikator",
}


def add_insats_verbs(verb: Callable[[str, str], argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add ``insats add``, ``insats list`` and ``insats done``."""
    insats = verb("insats", "the register of insatser: record a decision, list them, tell what came of one")
    inside = insats.add_subparsers(dest="insats_verb", required=True, metavar="VERB")
    add = inside.add_parser("add", help="för in ett beslut", description="För in ett beslut.", parents=[shared])
    add.add_argument("problem", metavar="PROBLEM", help="vad det gäller, utan namn på personer")
    for name, does in OPTIONS.items():
        add.add_argument(f"--{name}", metavar="X", help=does)
    listed = inside.add_parser("list", help="visa insatserna", description="Visa insatserna.", parents=[shared])
    listed.add_argument("--all", action="store_true", help="också de som är avslutade")
    done = inside.add_parser("done", help="för in utfallet", description="För in utfallet.", parents=[shared])
    done.add_argument("number", metavar="NUMMER", help="insatsens nummer, som `insats list` visar det")
    done.add_argument("--status", default="klar", choices=["klar", "ej_genomford", "avbruten", "pagar"])
    done.add_argument("--done", metavar="ANTAL", help="utfört antal")
    done.add_argument("--outcome", metavar="TEXT", help="utfallet, utan namn på personer")
    done.add_argument("--stop", metavar="DAG", help="ny sista dag: förlängd")
