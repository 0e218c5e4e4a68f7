"""The command line: trouble is a sentence in two languages and status 1, never a trace."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from shouwen.plant.trouble import Trouble
from shouwen.site import cli


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full: nothing was written"),
        (Trouble("端口被占用。", "The port is taken."), "The port is taken."),
    ],
)
def test_trouble_is_one_sentence(
    error: Exception,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_given: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_machine_room", fails)
    assert cli.main(["backup", str(tmp_path)]) == 1
    assert sentence in capsys.readouterr().err


def test_another_fault_is_not_called_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(cli, "_machine_room", fails)
    with pytest.raises(PermissionError):
        cli.main(["doctor"])


@pytest.mark.parametrize(
    "words",
    [
        ["user", "list"],
        ["token", "list"],
        ["import", "units"],
        ["doctor"],
        ["backup", "x"],
        ["manage", "reseal"],
        ["key", "rotate"],
    ],
)
def test_a_place_without_a_house_is_named_and_stays_empty(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "SHOUWEN_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "mistyped"))
    assert cli.main(words) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "mistyped") in said
    assert "DATA_DIR" in said
    assert not (tmp_path / "mistyped").exists()


def test_a_reader_that_leaves_early_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaves(*_given: object) -> int:
        raise BrokenPipeError

    kept = os.dup(1)
    monkeypatch.setattr(cli, "_machine_room", leaves)
    try:
        with os.fdopen(os.dup(1), "w") as out:
            monkeypatch.setattr("sys.stdout", out)
            assert cli.main(["doctor"]) == 1
            monkeypatch.undo()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
