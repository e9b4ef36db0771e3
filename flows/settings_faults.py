"""Faults in settings, said so that the person who keeps the files can mend them without reading code.

Each fault names the file, the key, what is wrong and what to write. All faults of all files are collected
before anything is refused: a settings error costs one round, not ten.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

#: Pydantic's words for a wrong type, in the house's.
TYPE_WORDS = {
    "string_type": "is not a text",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_type": "is not a number",
    "bool_type": "is neither true nor false",
    "date_type": "is not a date",
    "datetime_type": "is not a moment",
    "time_type": "is not a time of day",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "finite_number": "is not a finite number",
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend. ``key`` is dotted (``guard_nordvakt.owner_org``), empty for the whole file."""

    file: str
    key: str
    wrong: str
    write: str

    def __str__(self) -> str:
        parts = [self.file, self.key, self.wrong, self.write]
        return " · ".join(part for part in parts if part)


class SettingsError(ValueError):
    """The settings cannot be used. ``faults`` holds every fault found, the message one line for each."""

    def __init__(self, folder: str, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        count = len(self.faults)
        head = f"{count} {'fault' if count == 1 else 'faults'} in the settings of {folder}:"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word: the nearest known one, else all of them."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(choices)}"


def model_faults(file: str, prefix: str, model: type[BaseModel], table: Any) -> tuple[Any, list[Fault]]:
    """(the validated model or None, its faults) for one TOML table.

    ``prefix`` stands before each key. What to write comes from the field's own description.
    """
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        return None, [_fault(file, prefix, model, dict(detail)) for detail in error.errors(include_url=False)]


def _fault(file: str, prefix: str, model: type[BaseModel], detail: Mapping[str, Any]) -> Fault:
    path = [str(part) for part in detail["loc"]]
    owner, description = _field(model, path)
    key = ".".join([*([prefix] if prefix else []), *path])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return Fault(file, key, "is not a setting", did_you_mean(path[-1], owner.model_fields))
    if kind == "missing":
        return Fault(file, key, "is missing", f"write {description}")
    if kind == "literal_error":
        return Fault(file, key, "is not one of the allowed words", f"write {context['expected']}")
    wrong = TYPE_WORDS.get(kind) or str(detail["msg"]).removeprefix("Value error, ").lower()
    return Fault(file, key, wrong, f"write {description}")


def _field(model: type[BaseModel], path: list[str]) -> tuple[type[BaseModel], str]:
    """(the model that owns the last part of ``path``, that field's description)."""
    owner, description = model, "a table"
    for part in path:
        field = owner.model_fields.get(part)
        if field is None:
            break
        description = field.description or part
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) and part != path[-1]:
            owner = field.annotation
    return owner, description
