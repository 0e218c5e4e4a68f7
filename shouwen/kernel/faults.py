"""Two faults of the machine that whoever is at the counter must hear of by name: a full disk, a cut line."""

from __future__ import annotations

import errno

import psycopg

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_DISK_FULL = "53100"  # PostgreSQL's code for the same
_SHUT_DOWN = ("57P01", "57P02", "57P03")  # its codes for: ended by an administrator, by a crash, not up yet


def disk_full(error: BaseException | None) -> bool:
    """Whether this error, or one that it came from, says that a disk has no room."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in _NO_ROOM) or getattr(
            error, "sqlstate", ""
        ) == _DISK_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def line_cut(error: BaseException | None) -> bool:
    """Whether the database couldn't be reached, or the line to it broke: then nobody knows what it still did."""
    while error is not None:
        if isinstance(error, psycopg.InterfaceError):
            return True
        if isinstance(error, psycopg.OperationalError):
            state = error.sqlstate
            return state is None or state in _SHUT_DOWN or state.startswith("08")
        error = error.__cause__
    return False
