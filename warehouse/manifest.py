"""The manifest: which of the lake's files count, how far each feed is read, and what program may read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from warehouse.contract import CONTRACT_VERSION

#: The layout of the lake this program writes, and the oldest program that may read it.
FORMAT = 1
MINIMUM_READER = 1

#: A delivery's place in its feed's own order: (received_at, sha256).
Place = tuple[str, str]

#: With which settings a feed's deliveries were read: the digest, and the place after which it held (None: the first).
Spans = tuple[tuple[str, Place | None], ...]


#: Where in a manifest's bytes the list of its files begins.
_FILES = b', "files": [\n'


class LakeError(Exception):
    """The lake cannot be used as it stands. The message says what, where, what stands and what to do."""


class ManifestDamaged(LakeError):
    """What stands in the manifest's place is none: only a rebuild from landed deliveries helps."""


class ContractOutdated(ManifestDamaged):
    """The lake's tables have the columns of an older program: only a rebuild from landed deliveries helps."""


@dataclass(frozen=True)
class LakeFile:
    """One Parquet file that counts."""

    table: str
    path: str  # relative to the lake
    sha256: str
    row_count: int
    byte_count: int
    source_id: str
    batch_id: str
    known_from: str  # first and last ingested_at in the file, UTC; empty text in an empty file
    known_until: str
    merged: int = 0  # how often its rows were written again together with others (compaction.py)
    first_seen_months: str = ""  # of a file of reports (current.py): the months of first sight it holds
    reaches: str = ""  # of such a file: the last moment that a report in it tells of, or was received at


@dataclass(frozen=True)
class FeedState:
    """How far a feed's deliveries are in the lake."""

    journal_seq: int = 0  # every delivery up to this journal number is read
    reading_seq: int = 0  # a reading under way takes deliveries up to this number, in the order of ``newest``
    newest: Place | None = None  # the last delivery read
    last_accepted_seq: int | None = None  # journal number of the last delivery that was not quarantined
    settings_digest: str = ""
    settings_spans: Spans = ()  # with which settings its deliveries were read, in their order; the last counts now
    current: str = ""  # by which edition, and in which zone, the feed's present state is kept (current.py)
    first_accepted_at: str = ""  # when the first and the last accepted delivery came, UTC; empty where none did
    last_accepted_at: str = ""


@dataclass(frozen=True)
class Manifest:
    """One state of the lake. Immutable; the next state names this one as its parent."""

    number: int = 0
    parent_sha256: str = ""
    format: int = FORMAT
    minimum_reader: int = MINIMUM_READER
    contract_version: int = CONTRACT_VERSION
    written_at: str = ""
    run_id: str = ""
    code_version: str = ""
    what: str = ""
    files: tuple[LakeFile, ...] = ()
    feeds: Mapping[str, FeedState] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """JSON with its keys sorted and a line a file, so that two states can be held side by side."""
        rest = {name: value for name, value in vars(self).items() if name != "files"}
        files = ",\n".join(_json(file) for file in self.files)
        return _json(rest)[:-1].encode() + _FILES + f"{files}\n]}}\n".encode()

    @classmethod
    def head(cls, content: bytes, where: Path) -> Manifest:
        """The manifest without its files, which are nearly all of it; otherwise as ``from_bytes``."""
        rest, mark, _ = content.partition(_FILES)
        return cls.from_bytes(rest + _FILES + b"]}" if mark else content, where)

    @classmethod
    def from_bytes(cls, content: bytes, where: Path) -> Manifest:
        """Raises LakeError where the bytes are no manifest, or one that asks for a newer program.

        What a newer program added without asking for a newer reader is passed over; ``Lake.commit`` then refuses.
        """
        try:
            values = json.loads(content)
            reader = values["minimum_reader"]
            if reader > FORMAT:
                raise LakeError(
                    f"{where}: the lake was written in format {values['format']} and asks for a reader of format"
                    f" {reader}; this program reads format {FORMAT}. Nothing was changed. Upgrade lagesbild."
                )
            values["files"] = tuple(LakeFile(**_known(LakeFile, f)) for f in values["files"])
            values["feeds"] = {
                name: FeedState(
                    **_known(FeedState, f)
                    | {"newest": _place(f["newest"]), "settings_spans": as_spans(f.get("settings_spans", ()))}
                )
                for name, f in values["feeds"].items()
            }
            return cls(**_known(cls, values))
        except (ValueError, KeyError, TypeError) as error:
            raise ManifestDamaged(
                f"{where}: the manifest cannot be read ({type(error).__name__}). Landed deliveries are untouched:"
                " run `lagesbild rebuild`."
            ) from error


def as_spans(told: Iterable[Sequence[Any]]) -> Spans:
    """The spans as JSON gives them back, in lists."""
    return tuple((digest, _place(after)) for digest, after in told)


def _place(told: Sequence[str] | None) -> Place | None:
    return (told[0], told[1]) if told else None


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=vars)


_NAMES: dict[type[Any], frozenset[str]] = {
    kind: frozenset(f.name for f in fields(kind)) for kind in (LakeFile, FeedState, Manifest)
}


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = _NAMES[kind]
    return {key: value for key, value in values.items() if key in names}
