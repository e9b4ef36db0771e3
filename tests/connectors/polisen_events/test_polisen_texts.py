from __future__ import annotations

from typing import Any

import pytest
from made_up_police import Police

from connectors.polisen_events.texts import NOTE_LENGTH, read_summary


def test_odd_spaces_entities_and_control_characters_are_cleaned_for_display(police: Police) -> None:
    row = police.row(type="Stöld", summary=" Två\xa0män  &amp; en\u200b bil\u0007 . ")
    assert row["note_public"] == "Två män & en bil ."


def test_a_summary_cut_by_the_source_is_marked_and_loses_half_a_number(police: Police) -> None:
    whole, cut = "x" * 109, "x" * 102 + " 197001"
    assert police.row(type="Stöld", summary=whole)["note_public"] == whole
    row = police.row(type="Stöld", summary=cut + "01")
    assert len(cut + "01") == 111
    assert (row["note_public"], row["dq_flags"]) == ("x" * 102 + "…", "summary_cut")


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("Ring 070-174 06 05 om du såg något.", "phone"),
        ("Skriv till fornamn.efternamn@example.org nu.", "email"),
        ("Bilen ABC 12D sökes.", "plate"),
        ("Man 19121212-1212 greps.", "identity_number"),
    ],
)
def test_personal_data_are_scrubbed_and_told_of(police: Police, summary: str, kind: str) -> None:
    row = police.row(type="Stöld", summary=summary)
    assert "[…]" in row["note_public"] and row["pii_flags"] == kind


@pytest.mark.parametrize(
    ("changes", "note", "is_sensitive"),
    [
        ({"type": "Försvunnen person", "summary": "Testnamn, 85, är borta."}, "Försvunnen/efterlyst person.", True),
        ({"type": "Våldtäkt", "summary": "Vid torget."}, "Sexualbrott.", True),
        ({"type": "Misshandel", "summary": "Man slog sin sambo."}, "Misshandel.", False),
        ({"type": "Övrigt", "summary": "Polisen söker efter Testnamn."}, "Övrigt.", False),
        ({"type": "Brand", "summary": "Mannen uppges lida av demens."}, "Brand, orsak okänd.", False),
        ({"type": "Brand", "summary": "Det brinner i en bod."}, "Det brinner i en bod.", False),
    ],
)
def test_sensitive_categories_and_private_life_get_a_template_instead(
    police: Police, changes: dict[str, Any], note: str, is_sensitive: bool
) -> None:
    row = police.row(name=f"21 augusti 07.00, {changes['type']}, Haninge", **changes)
    assert (row["note_public"], row["is_person_sensitive"]) == (note, is_sensitive)
    assert ("note_withheld" in row["dq_flags"]) is (note != changes["summary"])
    assert row["location_precision"] == "kommun"


@pytest.mark.parametrize("summary", ["", " \xa0", None])
def test_an_empty_summary_is_no_note(police: Police, summary: str | None) -> None:
    assert police.row(type="Stöld", summary=summary)["note_public"] is None


def test_a_press_notice_is_shown_but_not_counted(police: Police) -> None:
    row = police.row(
        type="Övrigt",
        name="21 augusti 07.00, Övrigt, Stockholms län",
        summary="Efter klockan 22.00 finns ingen presstalesperson i tjänst.",
    )
    assert (row["counts_as"], row["category"], row["category_source"]) == ("meta", "meta.information", "Övrigt")
    assert row["severity_default"] == 0 and row["dq_flags"] == "press_notice"
    assert row["note_public"].startswith("Efter klockan")


def test_a_crime_at_the_press_is_no_press_notice() -> None:
    assert not read_summary("Inbrott hos presstalesperson.", "Inbrott").marks


@pytest.mark.parametrize("text", ["9" * 10_000, "a " * 5_000, "&amp;" * 2_000, "[" * 10_000, "1 - " * 2_500 + "x"])
@pytest.mark.timeout(60)  # a pattern that runs back and forth takes minutes here
def test_a_long_text_is_read_to_its_end_and_gives_at_most_one_note(text: str) -> None:
    display = read_summary(text, "Övrigt").display
    assert display is None or len(display) <= NOTE_LENGTH
