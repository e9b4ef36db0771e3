"""What part of the picture is asked for, and for whom: areas, audience, and the settings that part is made with.

A cut is counted anew from the reports it may use (``warehouse/scope.py``), never cut out of a whole sheet: a list of
the eight gravest events of the town says nothing of the eight gravest of one area.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.kit import visible
from warehouse.scope import Scope

if TYPE_CHECKING:
    from flows.settings import Settings

#: TLP 2.0 from the most open.
LABELS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")

#: Who a sheet is for → the strictest label of what it may be made of. The meeting sees all there is; partners, who
#: take it home to their own, what may go on to a community (TLP 2.0: GREEN). A public sheet is no audience here: it
#: asks for small counts to be hidden too. Decided 2026-11-26.
AUDIENCES = {"meeting": "TLP:RED", "partners": "TLP:GREEN"}


@dataclass(frozen=True)
class Cut:
    """``areas`` by their ids, none for the whole municipality, in the settings' order; ``audience`` of AUDIENCES."""

    areas: tuple[str, ...] = ()
    audience: str = "meeting"

    @property
    def is_whole(self) -> bool:
        return not self.areas and self.audience == "meeting"

    @property
    def name(self) -> str:
        """What the cut's files are kept under, below ``published/``: ``partners_centrum-hamnen``."""
        return "_".join(part for part in (self.audience, "-".join(self.areas)) if part)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of what the audience may be shown."""
        return LABELS[: LABELS.index(AUDIENCES[self.audience]) + 1]

    def scope(self) -> Scope:
        return Scope(self.areas, self.labels)


def cut_of(settings: Settings, areas: Sequence[str], audience: str) -> Cut:
    """The cut asked for, ``areas`` by their ids or names. Raises ValueError naming what there is to ask for."""
    known = [area.area_id for area in settings.places.areas]
    named = {_plain(area.name): area.area_id for area in settings.places.areas}
    wanted = [area if area in known else named.get(_plain(area), "") for area in areas]
    if "" in wanted:
        unknown = visible(areas[wanted.index("")])
        raise ValueError(f"no area '{unknown}' in {settings.id}; there are: {', '.join(known)}")
    if audience not in AUDIENCES:
        raise ValueError(f"no audience {audience!a}; there are: {', '.join(AUDIENCES)}")
    return Cut(tuple(area for area in known if area in wanted), audience)


def _plain(name: str) -> str:
    """A name however its letters were typed: a Mac sends å as two signs."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def languages_of(settings: Settings, cut: Cut, language: str | None) -> list[str]:
    """The languages to publish in, the one of ``latest.html`` first: a whole sheet asked for in English is made in
    English too, so that the wall's own stays in the municipality's language."""
    if cut.is_whole and language:
        return list(dict.fromkeys([settings.language, language]))
    return [language or settings.language]


def settings_of(settings: Settings, cut: Cut) -> Settings:
    """The settings the cut is made with: its areas, named in the sheet's head, and the feeds its audience may see."""
    from connectors.places import Places

    if cut.is_whole:
        return settings
    feeds = {name: feed for name, feed in settings.feeds.items() if feed.tlp in cut.labels}
    label = min(settings.tlp, AUDIENCES[cut.audience], key=LABELS.index)
    if not cut.areas:
        return replace(settings, feeds=feeds, tlp=label)
    areas = [area for area in settings.places.areas if area.area_id in cut.areas]
    title = f"{settings.municipality.name}: {', '.join(area.name for area in areas)}"
    return replace(
        settings,
        feeds=feeds,
        tlp=label,
        municipality=replace(settings.municipality, name=title),
        places=Places(areas, settings.places.gazetteer),
    )
