import os
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from shouwen.cases.intake import Intake, register
from shouwen.plant.backup import backup, restore
from shouwen.plant.trouble import Trouble
from tests.cast import make_cast, make_person


@contextmanager
def _database(name):
    """A database of its own on the server of the tests."""
    server, name = os.environ["DATABASE_URL"], f"test_shouwen_{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name} template template0")
    parts = urlsplit(server)
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as connection:
        # Not by force: the server's own vacuum may be at it, which only the server may send away.
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
            [name],
        )
        connection.execute(f"drop database {name}")


@pytest.fixture
def full(tmp_path):
    """A place with a database and two files."""
    data = tmp_path / "full"
    with _database("full") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create extension if not exists btree_gist")
            connection.execute(
                "create table cases (id uuid primary key default gen_random_uuid(), words text)"
            )
            connection.execute(
                "insert into cases (words) select '电梯困人 ' || n from generate_series(1, 1000) n"
            )
        (data / "files" / "ab").mkdir(parents=True)
        (data / "files" / "ab" / "photo.jpg").write_bytes(os.urandom(300_000))
        (data / "files" / "工单.pdf").write_bytes(b"%PDF-1.7")
        (data / "key").write_text("the-very-secret-key-of-this-house-000\n")
        yield data, url


@pytest.fixture
def empty(tmp_path):
    with _database("empty") as url:
        yield tmp_path / "empty", url


def _rows(url):
    with psycopg.connect(url) as connection:
        return connection.execute("select id, words from cases order by id").fetchall()


def _files(data):
    base = data / "files"
    return {path.relative_to(base): path.read_bytes() for path in base.rglob("*") if path.is_file()}


def test_a_restored_place_holds_the_same_rows_and_files(full, empty, tmp_path):
    archive = backup(full[1], full[0], tmp_path)
    manifest = restore(archive, empty[1], empty[0])
    assert _rows(empty[1]) == _rows(full[1])
    assert _files(empty[0]) == _files(full[0])
    assert manifest["format"] == 1


def _tables(url):
    """Every table with its number of rows and a digest of what stands in them, whatever their order."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "select format('%I', relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        said = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {} t"
        return {name: connection.execute(said.format(name)).fetchone() for (name,) in names}


def _bones(url):
    """What is not rows: indexes, constraints, triggers, functions."""
    with psycopg.connect(url) as connection:
        return {
            row[0]
            for question in (
                "select indexname from pg_indexes where schemaname = 'public'",
                "select conname from pg_constraint where connamespace = 'public'::regnamespace",
                "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
                "select proname from pg_proc where pronamespace = 'public'::regnamespace",
            )
            for row in connection.execute(question)
        }


@pytest.mark.django_db(transaction=True)
def test_the_house_itself_comes_back_row_by_row_with_its_guards(empty, tmp_path):
    """The tables of all rooms: generated columns, indexes over our own functions, the guard of the journal."""
    cast = make_cast()
    register(
        Intake(cast.community.pk, "repair", "leak", "厨房漏水", unit_id=cast.unit.pk),
        actor=cast.actor(cast.bob),
    )
    ours = urlunsplit(
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    )
    restore(backup(ours, tmp_path / "ours", tmp_path), empty[1], empty[0])
    assert _tables(empty[1]) == _tables(ours)
    assert _tables(ours)["cases_case"][0] == 1
    assert _bones(empty[1]) == _bones(ours)
    with psycopg.connect(empty[1]) as there, pytest.raises(psycopg.Error, match="append"):
        there.execute("delete from kernel_entry")


@pytest.mark.django_db(transaction=True)
def test_restored_without_its_key_the_house_says_so_and_makes_no_other(empty, tmp_path):
    cast = make_cast()
    make_person(cast.community, "丹", "13900000777")
    ours = urlunsplit(
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    )
    archive, data = backup(ours, tmp_path / "ours", tmp_path / "b.tar"), tmp_path / "there"
    bare = {
        name: value for name, value in os.environ.items() if name not in {"SHOUWEN_KEY", "SHOUWEN_TESTING"}
    }
    bare |= {"DATA_DIR": str(data), "DATABASE_URL": empty[1]}

    def shouwen(*words):
        done = subprocess.run(
            [sys.executable, "-m", "shouwen", *words], env=bare, text=True, capture_output=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    for words in (["restore", str(archive)], ["doctor"], ["prepare"]):
        status, said = shouwen(*words)
        assert status == 1, said
        assert "缺少密钥" in said
        assert "SHOUWEN_KEY" in said
        assert not (data / "key").exists(), words
    assert "恢复完成" not in said
    bare["SHOUWEN_KEY"] = "of-another-house-" + "0" * 32
    status, said = shouwen("prepare")
    assert status == 1
    assert "条加密资料打不开" in said
    bare["SHOUWEN_KEY"] = os.environ["SHOUWEN_KEY"]
    assert "✓ 密钥 key" in shouwen("doctor")[1]


def test_an_archive_that_is_there_already_stays_unless_told(full, tmp_path):
    first = backup(full[1], full[0], tmp_path / "b.tar")
    kept = first.read_bytes()
    with pytest.raises(Trouble, match="--force"):
        backup(full[1], full[0], first)
    assert first.read_bytes() == kept
    (full[0] / "files" / "later.txt").write_text("x")
    backup(full[1], full[0], first, force=True)
    assert first.read_bytes() != kept


def test_the_key_is_not_in_the_archive(full, tmp_path):
    archive = backup(full[1], full[0], tmp_path / "b.tar")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert b"the-very-secret-key" not in archive.read_bytes()


def test_a_place_with_data_is_refused_unless_told(full, tmp_path):
    data, url = full
    archive = backup(url, data, tmp_path / "b.tar")
    with psycopg.connect(url) as connection:
        connection.execute("delete from cases")
    (data / "files" / "later.txt").write_text("x")
    with pytest.raises(Trouble, match="--replace"):
        restore(archive, url, data)
    restore(archive, url, data, replace=True)
    assert len(_rows(url)) == 1000
    assert Path("later.txt") not in _files(data)


@pytest.mark.parametrize("keep", [0, 600, 100_000, -2000])
def test_a_cut_off_archive_changes_nothing(full, empty, tmp_path, keep):
    archive = backup(full[1], full[0], tmp_path / "b.tar")
    whole = archive.read_bytes()
    archive.write_bytes(whole[:keep] if keep >= 0 else whole[: whole.rindex(b"manifest.json") - 500])
    with pytest.raises(Trouble, match="不完整"):
        restore(archive, empty[1], empty[0])
    assert not (empty[0] / "files").exists()


def test_an_archive_that_points_outside_is_refused(empty, tmp_path):
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.add(tmp_path / "evil", "files/../../evil")
    with pytest.raises(Trouble, match="不完整"):
        restore(tmp_path / "b.tar", empty[1], empty[0])


def test_a_missing_archive_is_named(empty, tmp_path):
    with pytest.raises(Trouble, match="找不到"):
        restore(tmp_path / "none.tar", empty[1], empty[0])
