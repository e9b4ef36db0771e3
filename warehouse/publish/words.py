"""The sheet's fixed texts, in Swedish and English, from ``words.csv``."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

LANGUAGES = ("sv", "en")


class _Told(str):
    """A value of a text: ``{count:källa|källor}`` is the first form beside 1 and the second beside all else."""

    def __format__(self, forms: str) -> str:
        one, is_choice, more = forms.partition("|")
        if not is_choice:
            return super().__format__(forms)
        return one if self == "1" else more


class Words(dict[str, str]):
    """The texts of one language by key."""

    def fill(self, key: str, **values: str) -> str:
        """Return the text with its places filled: ``{name}`` by the value, ``{name:one|more}`` by the number's form.

        Raises KeyError for a key or name that is missing.
        """
        return self[key].format(**{name: _Told(value) for name, value in values.items()})

    def known(self, prefix: str, word: str | None) -> str | None:
        """Return the text of ``prefix.word``, or the word as it stands when no text is written for it."""
        return None if word is None else self.get(f"{prefix}.{word}", word)


@cache
def words(language: str) -> Words:
    """Return the texts of ``language``, 'sv' or 'en'.

    Raises ValueError for another language, and for a key that has no text in this one.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is one of {', '.join(LANGUAGES)}")
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as lines:
        texts = Words((row["key"], row[language]) for row in csv.DictReader(lines))
    if empty := sorted(key for key, text in texts.items() if not text):
        raise ValueError(f"words.csv has no {language} text for: {', '.join(empty)}")
    return texts
