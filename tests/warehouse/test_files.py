"""A reader sees the old file or the new one, whatever happens in between."""

from __future__ import annotations

import os
import stat

import pytest

from warehouse.files import make_folder, sweep_temp_files, write_bytes, write_folder, write_with


def test_a_write_that_fails_leaves_the_old_file_and_no_temp_file(tmp_path):
    target = tmp_path / "a"
    write_bytes(target, b"old")

    def fail(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_with(target, fail)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_file_is_durable_before_it_is_renamed_and_the_folder_after(tmp_path, monkeypatch):
    calls = []
    real_fsync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(
        os,
        "fsync",
        lambda fd: calls.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file") or real_fsync(fd),
    )
    monkeypatch.setattr(os, "replace", lambda *a, **k: calls.append("rename") or real_replace(*a, **k))
    write_bytes(tmp_path / "a", b"x")
    assert calls == ["file", "rename", "folder"]


def test_files_and_folders_are_closed_to_others_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        write_bytes(make_folder(tmp_path / "deep" / "er") / "a", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "deep" / "er" / "a").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "deep" / "er").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o750


def test_what_a_killed_run_left_half_written_is_swept(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".part-xyz").write_bytes(b"half")
    (tmp_path / "b" / "whole").write_bytes(b"whole")
    assert sweep_temp_files(tmp_path) == 1
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["whole"]


def test_a_folder_takes_the_old_ones_place_whole_and_leaves_nothing_behind(tmp_path):
    write_folder(tmp_path / "a", {"one": b"1", "two": b"2"})
    write_folder(tmp_path / "a", {"one": b"3"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == {"one": b"3"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_under_a_folder_leaves_the_old_one_as_it_was(tmp_path, monkeypatch):
    write_folder(tmp_path / "a", {"one": b"1"})

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.files.sync", full)
    with pytest.raises(OSError, match="No space left"):
        write_folder(tmp_path / "a", {"one": b"2"})
    assert (tmp_path / "a" / "one").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_half_written_folder_is_swept(tmp_path):
    (tmp_path / ".part-x").mkdir()
    (tmp_path / ".part-x" / "one").write_bytes(b"1")
    assert sweep_temp_files(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_partner_is_writing_under_such_a_name_is_not_swept(tmp_path):
    (tmp_path / "drop" / "guard").mkdir(parents=True)
    (tmp_path / "drop" / "guard" / ".part-xyz").write_bytes(b"half")
    assert sweep_temp_files(tmp_path, keep=[tmp_path / "drop"]) == 0
    assert (tmp_path / "drop" / "guard" / ".part-xyz").exists()
