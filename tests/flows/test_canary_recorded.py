"""Personal data in every field of every feed, in a night that Prefect records: nothing of it may be in that record."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.opened import open_settings
from flows.store import Store
from tests.flows.canary_town import CANARIES, TOKENS, deliveries, refused
from tests.flows.recorders import recorder

pytestmark = pytest.mark.slow


def database_files() -> list[Path]:
    """The files of Prefect's own database, its log of what is not yet moved into it among them."""
    from prefect.settings import get_current_settings

    address = get_current_settings().server.database.connection_url
    assert address is not None
    database = Path(address.get_secret_value().partition(":///")[2])
    return sorted(database.parent.glob(f"{database.name}*"))


def found_in(files: list[Path], tokens: list[str]) -> list[str]:
    """The tokens in the files' bytes, as UTF-8 and as the guards' tables write them, whatever the letters' case."""
    content = b"\n".join(path.read_bytes() for path in files).lower()
    return [token for token in tokens if token.encode() in content or token.encode("cp1252") in content]


def test_no_canary_is_in_prefects_record_of_a_night_over_every_feed(tmp_path: Path) -> None:
    settings = open_settings("lindvik")
    sent = [(feed, name, body) for feed, (name, body) in deliveries(settings).items()]
    for feed, name, body in [*sent, *refused()]:
        (tmp_path / "drop" / feed).mkdir(parents=True, exist_ok=True)
        (tmp_path / "drop" / feed / name).write_bytes(body)
    with recorder("server") as server:
        from flows.overnight import overnight

        assert overnight("lindvik", str(tmp_path)).exit_code == 3
        assert [state for state, _ in server.runs(tmp_path)] == ["Completed"]
        files = database_files()
        assert found_in(files, [*settings.feeds, "sheet"]) == [*settings.feeds, "sheet"], "the night is in the record"
        assert found_in(files, TOKENS) == []
    journal = Store.at(tmp_path).landing.journal.read_text(encoding="utf-8")
    landed = b"\n".join(path.read_bytes() for path in (tmp_path / "landed").rglob("*") if path.is_file()).lower()
    assert all(feed in journal for feed in settings.feeds)
    assert all(tokens[0].encode() in landed for _, tokens in CANARIES.values()), "or this test proves nothing"
