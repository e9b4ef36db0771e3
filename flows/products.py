"""What is made of a finished picture beside the daily sheet: the weekly picture and the public version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flows.store import Run, Store

if TYPE_CHECKING:
    from flows.settings import Settings

#: Below ``published/``: the weekly pictures, and what may be put on the municipality's own pages.
WEEKLY_FOLDER, PUBLIC_FOLDER = "veckobild", "oppen"


@dataclass
class Products:
    """The files made, by product and language or 'json'; ``faults`` says by product why one is missing."""

    files: dict[str, dict[str, Path]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def make_products(
    store: Store,
    settings: Settings,
    run: Run,
    database: Path,
    kinds: Sequence[str],
    languages: Sequence[str] | None = None,
) -> Products:
    """Make the products ``kinds`` ('weekly', 'public') of a built ``database``. A fault of one costs neither the other
    nor the sheet, which is out already; only its kind and place are kept."""
    from flows.results import named
    from warehouse.publish.public import publish_public
    from warehouse.publish.weekly import publish_weekly

    made = Products()
    told = languages or [settings.language]
    for kind in kinds:
        run.progress(f"the {kind} picture: publishing")
        try:
            if kind == "weekly":
                made.files[kind] = publish_weekly(database, store.published / WEEKLY_FOLDER, told)
            else:
                made.files[kind] = publish_public(
                    database, store.published / PUBLIC_FOLDER, store.public_blocks, settings.public_feeds, told
                )
        except Exception as error:
            made.faults[kind] = named(error)
    return made
