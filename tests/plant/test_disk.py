"""What macOS needs to keep its word: fsync alone leaves bytes in the memory of its drive."""

import fcntl
import os

import pytest

from shouwen.plant import disk
from shouwen.plant.postgres import Embedded

HARMLESS, UNKNOWN = fcntl.F_GETFD, 10**6
"""Stand-ins for F_FULLFSYNC: a command that every descriptor answers, and one that none does."""


@pytest.fixture
def synced(monkeypatch):
    trace = []
    monkeypatch.setattr(os, "fsync", trace.append)
    return trace


@pytest.mark.parametrize(("known", "falls_back"), [(None, True), (HARMLESS, False), (UNKNOWN, True)])
def test_a_file_is_written_through_or_at_least_synced(tmp_path, monkeypatch, synced, known, falls_back):
    monkeypatch.setattr(disk, "WRITE_THROUGH", known)
    with (tmp_path / "file").open("wb") as out:
        disk.to_disk(out.fileno())
    assert bool(synced) is falls_back


@pytest.mark.parametrize(
    ("known", "durable", "written"),
    [(None, True, False), (HARMLESS, True, True), (HARMLESS, False, False), (UNKNOWN, True, False)],
)
def test_the_database_writes_through_where_that_is_more_than_fsync(
    data, monkeypatch, known, durable, written
):
    monkeypatch.setattr(disk, "WRITE_THROUGH", known)
    server = Embedded(data, durable=durable)
    server.home.mkdir()
    assert ("wal_sync_method = fsync_writethrough" in server._configuration()) is written
