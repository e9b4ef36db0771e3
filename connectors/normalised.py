"""What a connector answers with: what was said, where it was seen, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import combined
from connectors.kit import Delivery, DeliveryOutcome, FeedContext, retain_until
from warehouse.contract import (
    CONTENT,
    DELIVERED,
    NOTICE,
    OBSERVATION,
    OBSERVATION_WORDS,
    PRESENCE,
    REJECT,
    SIGHTING,
    WITHDRAWN,
    refuse_breaches,
    register_said,
)


@dataclass
class RegisterTold:
    """What deliveries say of one register: ``rows`` (``register_said``) in the order of deliveries and records.

    ``is_whole``: each delivery is the whole register, so that an entry it does not tell is withdrawn; but not those in
    ``held``, by delivery (hash, received): their rows were there and were refused. None there: a refused row does not
    say which entry it is, so that nothing is withdrawn by that delivery.
    """

    register: str
    rows: pa.Table
    is_whole: bool
    held: Mapping[tuple[str, datetime], frozenset[str] | None]


@dataclass
class Normalised:
    """The answer of ``normalise``: tables in the contract's schemas and one outcome per delivery given.

    A feed says most things many times over: ``contents`` (CONTENT) holds what was said, each thing at least once and
    at best only once, ``sightings`` (SIGHTING) where each of them stood, in the order of deliveries and records, and
    ``deliveries`` (DELIVERED) the accepted ones in the order sightings name them.
    """

    contents: pa.Table
    sightings: pa.Table
    deliveries: pa.Table
    rejects: pa.Table
    notices: pa.Table
    outcomes: list[DeliveryOutcome]
    presence: pa.Table = field(default_factory=PRESENCE.empty_table)
    told: RegisterTold | None = None  # where the feed is a register and no source of reports

    @property
    def observations(self) -> pa.Table:
        """One row per record seen, all columns (OBSERVATION): for reading and for tests; the lake needs only the parts.

        A report withdrawn by silence says nothing, so its text is not there.
        """
        sightings = self.sightings.combine_chunks()
        kind = np.asarray(sightings.column("observed_as"))
        columns = {
            "record_number": sightings.column("record_number"),
            "observation": pa.array(OBSERVATION_WORDS, pa.string()).take(pa.array(kind.astype(np.int64))),
        }
        for table, by in ((self.contents, "content"), (self.deliveries, "delivery")):
            where = sightings.column(by)
            columns |= {name: table.column(name).take(where) for name in table.column_names}
        is_silent = pa.array(kind == WITHDRAWN)
        note = columns["note_public"].cast(pa.string())
        columns["note_public"] = pc.if_else(is_silent, pa.scalar(None, pa.string()), note)
        return pa.table({f.name: columns[f.name].cast(f.type) for f in OBSERVATION}).cast(OBSERVATION)

    def checked(self) -> Normalised:
        """The same, or ValueError where a table breaks the contract or a delivery's sums do not match."""
        self.contents = refuse_breaches(self.contents, CONTENT)
        self.sightings = refuse_breaches(self.sightings, SIGHTING)
        self.deliveries = refuse_breaches(self.deliveries, DELIVERED)
        self.rejects = refuse_breaches(self.rejects, REJECT)
        self.notices = refuse_breaches(self.notices, NOTICE)
        self.presence = refuse_breaches(self.presence, PRESENCE)
        rejected = _rejected(self.rejects)
        is_told = np.asarray(self.sightings.column("observed_as")) != WITHDRAWN
        told = np.asarray(self.sightings.column("delivery"))[is_told]
        counts = np.bincount(told, minlength=self.deliveries.num_rows).tolist()
        keys = zip(*(self.deliveries.column(n).to_pylist() for n in ("delivery_sha256", "ingested_at")), strict=True)
        seen = dict(zip(keys, counts, strict=True))
        if self.told is not None:
            self.told.rows = refuse_breaches(self.told.rows, register_said(self.told.register))
            for row in self.told.rows.select(["delivery_sha256", "ingested_at"]).to_pylist():
                seen[tuple(row.values())] += 1
        for outcome in self.outcomes:
            key = (outcome.delivery_sha256, outcome.received_at)
            if rejected.get(key, 0) != outcome.rejected_count:
                raise ValueError(f"sums do not match: {outcome.rejected_count} rejected, {rejected.get(key, 0)} kept")
            if seen.get(key, 0) + outcome.rejected_count != outcome.seen_count:
                raise ValueError(
                    f"sums do not match: {outcome.seen_count} seen, {seen.get(key, 0)} became rows,"
                    f" {outcome.rejected_count} were rejected"
                )
        return self


def _rejected(rejects: pa.Table) -> dict[tuple[str, datetime], int]:
    """How many records of each delivery (hash, received) were rejected."""
    by = [rejects.column(name).combine_chunks().dictionary_encode() for name in ("delivery_sha256", "ingested_at")]
    delivery, firsts = combined(*(np.asarray(column.indices) for column in by))
    counts = np.bincount(delivery, np.asarray(rejects.column("record_count")), minlength=len(firsts)).astype(np.int64)
    keys = zip(*(column.take(pa.array(firsts)).to_pylist() for column in by), strict=True)
    return dict(zip(keys, counts.tolist(), strict=True))


def delivered_table(deliveries: Sequence[Delivery], context: FeedContext) -> pa.Table:
    """DELIVERED of the accepted deliveries, in the order given."""
    rows = {
        "source_id": [context.feed] * len(deliveries),
        "owner_org": [context.owner_org] * len(deliveries),
        "delivery_sha256": [one.sha256 for one in deliveries],
        "run_id": [one.run_id for one in deliveries],
        "ingested_at": [one.received_at for one in deliveries],
        "tlp": [context.tlp] * len(deliveries),
        "retain_until": [retain_until(one.received_at, context.retain_days) for one in deliveries],
    }
    return pa.table({name: pa.array(rows[name], DELIVERED.field(name).type) for name in DELIVERED.names})
