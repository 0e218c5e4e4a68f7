"""A disk without room: the one fault of the machine that whoever is at the counter must hear of by name."""

from __future__ import annotations

import errno

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_DISK_FULL = "53100"  # PostgreSQL's code for the same


def is_full(error: BaseException | None) -> bool:
    """Whether this error, or one that it came from, says that a disk has no room."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in _NO_ROOM) or getattr(
            error, "sqlstate", ""
        ) == _DISK_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
