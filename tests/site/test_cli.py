"""The command line: trouble is a sentence in two languages and status 1, never a trace."""

from __future__ import annotations

import errno
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
