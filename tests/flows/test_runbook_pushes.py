"""The runbook's rows of partners whose pushes are refused: each made to happen, and then what it says is done."""

from __future__ import annotations

import base64
import errno
import os
import time

import pytest

from flows.cli import main
from tests.flows.intake_keys import FEED, KEY, whsec, write
from tests.flows.test_intake import Listening, here

__all__ = ["here"]  # a fixture


def test_a_partner_that_signs_with_no_key_of_ours_is_given_a_new_one(here: Listening, capsys):
    write(here.file, f'[keys]\n{FEED} = ["{whsec(KEY)}"]\n')
    status, said = here.push(b"night", key=b"x" * 32)
    assert status == 401 and "not by a key" in said
    capsys.readouterr()
    words = ["--settings", "lindvik", "--data", str(here.store.folder)]
    assert main(["intake", "--new-key", FEED, *words]) == 0
    (key,) = [word for word in capsys.readouterr().out.split() if word.startswith("whsec_")]
    assert here.push(b"night", key=base64.b64decode(key.removeprefix("whsec_"))) == (201, "landed")


def test_a_partner_whose_clock_is_wrong_is_taken_when_it_is_set(here: Listening):
    status, said = here.push(b"night", at=int(time.time()) - 3600)
    assert status == 401 and "from our clock" in said
    assert here.push(b"night") == (201, "landed")


def test_a_partner_that_used_an_id_twice_is_taken_with_a_new_one(here: Listening):
    assert here.push(b"one night")[0] == 201
    assert here.push(b"another")[0] == 409
    assert here.push(b"another", identity="id-2") == (201, "landed")
    assert here.deliveries() == [b"one night", b"another"]


def test_a_partner_told_that_our_disk_is_full_pushes_again_when_there_is_room(
    here: Listening, monkeypatch: pytest.MonkeyPatch
):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.landing.write_many", full)
        assert here.push(b"night")[0] == 507 and here.deliveries() == []
    assert here.push(b"night") == (201, "landed")
