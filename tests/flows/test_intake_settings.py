"""intake.toml: where the intake listens and whose keys count; what is wrong is told, what is right is kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from flows.cli import main
from flows.intake_settings import IntakeFault, new_key, read_intake
from tests.flows.intake_keys import FEED, FEEDS, KEY, whsec, write


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[listen]\nhost = "0.0.0.0"\n', "reached from other machines"),
        ('[listen]\ncertificate = "x.pem"\n', "go together"),
        ('[listen]\ncertificate = "x.pem"\nprivate_key = "x.key"\n', "cannot be used"),
        ("[listen]\nport = 70000\n", "listen.port is no port"),
        ("[listen]\nhots = 1\n", "hots is not known"),
        ('[keys]\nnobody = ["whsec_x"]\n', "no such feed"),
        (f'[keys]\n{FEED} = ["c2hvcnQ="]\n', "24 to 64 bytes"),
        (f'[keys]\n{FEED} = ["whsec_c2hvcnQ="]\n', "24 to 64 bytes"),
        (f"[keys]\n{FEED} = {[whsec(KEY)] * 3}\n", "one or two keys"),
        ("[keys\n", "cannot be read"),
    ],
)
def test_an_intake_that_is_set_up_wrongly_is_refused_with_what_to_write(tmp_path, text, told):
    with pytest.raises(IntakeFault, match=told) as fault:
        read_intake(write(tmp_path / "intake.toml", text), FEEDS)
    assert "c2hvcnQ" not in str(fault.value)


def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path):
    path = write(tmp_path / "intake.toml", "[keys]\n")
    path.chmod(0o640)
    with pytest.raises(IntakeFault, match="chmod 600"):
        read_intake(path, FEEDS)


def test_a_new_key_is_added_beside_the_old_and_what_else_stands_in_the_file_is_kept(tmp_path):
    path = tmp_path / "data" / "intake.toml"
    path.parent.mkdir()
    first = new_key(path, FEED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write(path, "# ours\n[listen]\nport = 9000\n" + path.read_text())
    second = new_key(path, FEED)
    third = new_key(path, "felanmalan")
    found = read_intake(path, FEEDS)
    assert found.port == 9000 and path.read_text().startswith("# ours")
    assert {feed: [whsec(key) for key in keys] for feed, keys in found.keys.items()} == {
        FEED: [first, second],
        "felanmalan": [third],
    }
    with pytest.raises(IntakeFault, match="take the older"):
        new_key(path, FEED)
    write(path, f"[keys]\n{FEED} = [\n  '{first}',\n]\n")
    with pytest.raises(IntakeFault, match="on one line"):
        new_key(path, FEED)


def test_the_command_makes_a_key_and_without_a_file_says_how(tmp_path, capsys):
    words = ["--settings", "lindvik", "--data", str(tmp_path)]
    assert main(["intake", *words]) == 2
    assert "--new-key FEED" in capsys.readouterr().err
    assert main(["intake", "--new-key", FEED, "--json", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["key"].startswith("whsec_") and told["key"] in Path(told["file"]).read_text()
    assert main(["intake", "--new-key", "nobody", *words]) == 2
