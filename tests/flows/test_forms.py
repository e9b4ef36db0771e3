"""The form of a run: in the coordinator's language, what matters first, with the municipality's own names to choose."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest
from prefect.utilities.callables import parameter_schema

from flows.forms import form_words, shaped
from flows.opened import open_settings

FLOWS = ("overnight", "collect", "picture", "weekly", "briefing", "housekeeping", "backfill", "record_decision")


@pytest.fixture(scope="module")
def lindvik():
    return open_settings("lindvik")


def form(name: str, settings) -> dict:
    flow = getattr(importlib.import_module(f"flows.{name}"), name)
    return shaped(parameter_schema(flow).model_dump(), settings)


@pytest.mark.parametrize("name", FLOWS)
def test_every_field_of_every_form_has_words_in_both_languages(name, lindvik):
    for language in ("sv", "en"):
        fields = form(name, replace(lindvik, language=language))["properties"]
        assert all(field["title"] and field["description"] for field in fields.values())
        assert len({field["position"] for field in fields.values()}) == len(fields)


def test_no_words_stand_for_a_field_that_no_flow_has(lindvik):
    asked = {field for name in FLOWS for field in form(name, lindvik)["properties"]}
    assert set(form_words()) == asked


def test_a_briefing_s_form_asks_moment_areas_audience_and_language_first(lindvik):
    fields = form("briefing", lindvik)["properties"]
    ordered = sorted(fields, key=lambda name: fields[name]["position"])
    assert ordered[:4] == ["moment", "areas", "audience", "language"] and ordered[-2:] == ["settings", "data"]
    assert [fields[name]["title"] for name in ordered[:4]] == ["Tidpunkt", "Områden", "Mottagare", "Språk"]
    assert fields["areas"]["items"]["enum"][:2] == ["centrum", "hamnen"] and "anyOf" not in fields["areas"]
    assert fields["audience"]["enum"] == ["meeting", "partners"]


def test_a_feed_is_chosen_among_the_settings_own(lindvik):
    assert form("backfill", lindvik)["properties"]["feed"]["enum"] == list(lindvik.feeds)


def test_a_decision_is_told_by_choices_numbers_and_days_alone_since_prefect_keeps_what_it_is_sent(lindvik):
    flow = importlib.import_module("flows.record_decision").record_decision
    schema = parameter_schema(flow).model_dump()
    fields = shaped(schema, lindvik, {"settings": "/srv/lindvik", "data": "/srv/data"})["properties"]
    assert fields["settings"]["enum"] == ["/srv/lindvik"] and fields["data"]["enum"] == ["/srv/data"]
    for name, field in fields.items():
        for kind in field.get("anyOf", [field]):
            is_held = "enum" in kind or "pattern" in kind or "maximum" in kind
            assert is_held or kind["type"] in ("null", "boolean"), f"{name}: a name or a number of somebody's fits here"


def refused(given: dict, schema: dict) -> str:
    """What Prefect's server says of these parameters; nothing where it takes them."""
    from prefect.utilities.schema_tools.validation import ValidationError, validate

    try:
        validate(given, schema, raise_on_error=True, ignore_required=True)
    except ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", FLOWS)
def test_a_field_that_the_flow_does_not_have_is_refused_before_prefect_keeps_it(name, lindvik):
    """A misspelt one was kept in clear, and its run "Crashed" with code 1."""
    assert "'omraden' was unexpected" in refused({"omraden": ["centrum"]}, form(name, lindvik))


@pytest.mark.parametrize(
    ("moment", "is_taken"),
    [
        ("2026-10-10T06:00:00+02:00", True),  # as the console's forms send it
        ("2026-10-10T04:00:00Z", True),
        ("2026-10-10 04:00:00.123456+00:00", True),  # as a trigger's own moment is written
        ("2026-10-10T06:00:00", False),
        ("2026-10-10 06:00", False),
        ("i går", False),
        ("2026-10-10T06:00:00+02:00 Anna Ek", False),
        (None, True),
    ],
)
def test_a_moment_is_asked_for_with_its_offset_from_utc(lindvik, moment, is_taken):
    assert bool(refused({"moment": moment}, form("briefing", lindvik))) != is_taken
