"""Onto the disk, and not only on the way: macOS answers fsync while the bytes still lie in the drive's own memory."""

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

WRITE_THROUGH: int | None = getattr(fcntl, "F_FULLFSYNC", None)
"""What macOS has for it; not every file system there knows it (one on the network does not)."""


def to_disk(descriptor: int) -> None:
    """Return when the bytes of this file, or the names in this directory, outlast a power cut."""
    if WRITE_THROUGH is not None:
        with suppress(OSError):
            fcntl.fcntl(descriptor, WRITE_THROUGH)
            return
    os.fsync(descriptor)


def writes_through(place: Path) -> bool:
    """Whether files in `place` have to be, and can be, asked for more than fsync."""
    if WRITE_THROUGH is None:
        return False
    with tempfile.TemporaryFile(dir=place) as file:
        try:
            fcntl.fcntl(file, WRITE_THROUGH)
        except OSError:
            return False
    return True
