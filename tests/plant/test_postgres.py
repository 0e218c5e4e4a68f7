import multiprocessing
import os
import shutil
from pathlib import Path

import psycopg
import pytest

from shouwen.plant import unprivileged
from shouwen.plant.bench.powercut import powercut
from shouwen.plant.postgres import Embedded, known_url
from shouwen.plant.trouble import Trouble


def test_what_was_written_is_there_after_stop_and_start(data):
    with Embedded(data, durable=False) as url, psycopg.connect(url) as connection:
        connection.execute("create table t as select '厨房水管漏水' as words")
    with Embedded(data, durable=False) as url, psycopg.connect(url) as connection:
        assert connection.execute("select words from t").fetchone() == ("厨房水管漏水",)
        assert connection.execute("show data_checksums").fetchone() == ("on",)
        assert connection.execute(
            "select rolsuper from pg_roles where rolname = current_user"
        ).fetchone() == (False,)
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_letters_do_not_depend_on_the_c_library(data, monkeypatch):
    """macOS has no C.UTF-8 for it."""
    monkeypatch.setattr(unprivileged, "LOCALE", "C")
    with Embedded(data, durable=False) as url, psycopg.connect(url) as connection:
        own = "select datctype from pg_database where datname = current_database()"
        assert connection.execute(own).fetchone() == ("C",)
        assert connection.execute(
            r"select lower('ÄÉ'), '水' ~ '^\w$', '电' < '水', array_to_tsvector(array['水管']) @@ '水管'::tsquery"
        ).fetchone() == ("äé", True, False, True)


def test_a_long_name_of_the_temporary_directory_is_counted_in_bytes(data, monkeypatch):
    place = data / ("临时" * 10)
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with Embedded(data, durable=False) as url:
        psycopg.connect(url).close()
        assert "test" not in url


def test_files_with_the_password_are_private(data):
    with Embedded(data, durable=False):
        for name in ("password", "url"):
            assert (data / "postgres" / name).stat().st_mode & 0o777 == 0o600


def test_the_server_stops_when_the_last_user_leaves(data):
    first, second = Embedded(data, durable=False), Embedded(data, durable=False)
    assert first.start() == second.start()
    first.stop()
    psycopg.connect(second.url()).close()
    second.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(known_url(data), connect_timeout=2)


def _start_and_report(data, results, leave):
    server = Embedded(data, durable=False)
    try:
        url = server.start()
        psycopg.connect(url).close()
        results.put(url)
        leave.wait(60)
        server.stop()
    except BaseException as error:
        results.put(repr(error))


def test_two_first_starts_at_once_share_one_server(data):
    spawn = multiprocessing.get_context("spawn")
    results, leave = spawn.Queue(), spawn.Event()
    starters = [spawn.Process(target=_start_and_report, args=(data, results, leave)) for _ in range(2)]
    for starter in starters:
        starter.start()
    said = {results.get(timeout=60) for _ in starters}
    leave.set()
    for starter in starters:
        starter.join(60)
    assert len(said) == 1
    assert said.pop().startswith("postgresql://")


def test_a_killed_initdb_heals(data):
    server = Embedded(data, durable=False)
    (server.home / "data.new").mkdir(parents=True)
    (server.home / "data.new" / "PG_VERSION").write_text("18\n")
    with server as url:
        psycopg.connect(url).close()


def test_data_of_another_major_version_is_left_alone_with_a_sentence(data):
    server = Embedded(data, durable=False)
    with server:
        pass
    (server.cluster / "PG_VERSION").write_text("15\n")
    with pytest.raises(Trouble, match="PostgreSQL 15"):
        Embedded(data, durable=False).start()


def test_a_full_disk_is_named(data, monkeypatch):
    monkeypatch.setattr("shouwen.plant.postgres.ROOM_NEEDED", 2**62)
    with pytest.raises(Trouble, match=r"(?s)磁盘空间不足.*is full"):
        Embedded(data, durable=False).start()


def test_a_user_without_a_name_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(Trouble, match="54321"):
        unprivileged.Hands.for_home(Path("/tmp"), Path("/nowhere"))


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 能放下权限")
def test_root_without_the_right_to_change_user_is_told(monkeypatch):
    def refuse(*_words, **_more):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(unprivileged.subprocess, "run", refuse)
    with pytest.raises(Trouble, match="SETUID"):
        unprivileged.Hands.for_home(Path("/tmp"), Path("/nowhere"))


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 需要替身")
def test_programs_that_nobody_can_reach_are_copied(data, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    real = unprivileged.find_binaries().parent.parent
    (closed / real.name).symlink_to(real)
    (closed / f"{real.name}.libs").symlink_to(real.with_name(real.name + ".libs"))
    hands = unprivileged.Hands.for_home(data, closed / real.name / "pginstall" / "bin")
    assert data in hands.binaries.parents
    assert hands.major() == "18"


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 需要替身")
def test_data_below_a_closed_directory_of_root_gets_a_stand_in(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Embedded(closed / "var", durable=False) as url, psycopg.connect(url) as connection:
        connection.execute("create table t (id int)")
    place = Path((closed / "var" / "postgres" / "moved-to").read_text().strip())
    with Embedded(closed / "var", durable=False) as url, psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from t").fetchone() == (0,)
    shutil.rmtree(place)


def test_a_long_data_directory_still_gets_a_short_socket(data):
    deep = data / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    with Embedded(deep, durable=False) as url:
        psycopg.connect(url).close()


def test_an_unknown_pg_bin_is_named(monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    with pytest.raises(Trouble, match="/nowhere/initdb"):
        unprivileged.find_binaries()


@pytest.mark.slow
def test_kill_nine_under_load_loses_no_acknowledged_row(data):
    outcome = powercut(data, 10)
    assert outcome.kills >= 1
    assert outcome.acknowledged > 200  # a disk that is written through takes some milliseconds each
    assert (outcome.lost, outcome.doubled) == (0, 0)
