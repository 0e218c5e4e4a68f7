"""A clause file with a fault: the house goes on with the clauses that it kept last, and says where the fault is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwen.duties import clauses, rulings
from shouwen.duties.book.places import ClauseError
from shouwen.duties.clauses import FOLDER, texts_of
from shouwen.duties.kept import keep_book
from shouwen.site.doctor import examine
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
FILE = "c4-complaint.toml"
GOOD, BAD = 'until = "case:replied"', 'until = "case:dreamt"'


def line() -> int:
    return (FOLDER / FILE).read_text(encoding="utf-8").split(GOOD)[0].count("\n") + 1


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the clause files with one fault, which the house reads anew."""
    folder = tmp_path / "clauses"
    shutil.copytree(FOLDER, folder)
    text = (folder / FILE).read_text(encoding="utf-8")
    assert text.count(GOOD) == 1
    (folder / FILE).write_text(text.replace(GOOD, BAD), encoding="utf-8")
    monkeypatch.setattr(clauses, "FOLDER", folder)
    _anew()
    yield folder
    monkeypatch.undo()
    _anew()


def _anew() -> None:
    clauses.book.cache_clear()
    rulings.forget()


@pytest.mark.django_db
def test_the_old_clauses_stay_and_the_fault_is_said_with_file_line_and_sentence(
    broken: Path, cast: Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    keep_book(texts_of(FOLDER))
    house = clauses.book()
    assert house.clauses == clauses.load(FOLDER).clauses
    assert house.fault is not None
    assert (house.fault.file, house.fault.line) == (FILE, line())
    assert "没有哪个模块会写" in house.fault.sentence
    assert f"{FILE}:{line()}" in caplog.text

    [found] = [finding for finding in examine() if "clauses" in finding.what]
    assert not found.ok
    assert f"{FILE}:{line()}" in found.say

    banner = f"条款文件 {FILE}:{line()} 有错"
    client.force_login(cast.alice)
    assert banner in client.get(reverse("notice_list")).content.decode()
    client.force_login(cast.bob)
    assert banner not in client.get(reverse("notice_list")).content.decode()


@pytest.mark.django_db
def test_a_house_without_good_clauses_does_not_begin(broken: Path) -> None:
    with pytest.raises(ClauseError, match=FILE):
        clauses.book()


@pytest.mark.django_db
def test_a_file_that_is_no_text_is_a_fault_like_any_other(broken: Path) -> None:
    keep_book(texts_of(FOLDER))
    (broken / FILE).write_bytes(b"\xff\xfe chapter")
    fault = clauses.book().fault
    assert fault is not None
    assert (fault.file, fault.line) == (FILE, 1)


@pytest.mark.django_db
def test_nothing_is_said_where_all_is_well(cast: Cast, client: Client) -> None:
    assert clauses.book().fault is None
    client.force_login(cast.alice)
    assert 'class="warning"' not in client.get(reverse("notice_list")).content.decode()
    assert all(finding.ok for finding in examine() if "clauses" in finding.what)


@pytest.mark.django_db(transaction=True)
def test_the_start_goes_on_with_the_clauses_that_were_kept(tmp_path: Path, broken: Path) -> None:
    """The steps of `shouwen up`, each a process of its own: what comes before serving, and the web process."""
    refused = shouwen(tmp_path, broken, "prepare")
    assert refused.returncode == 1
    assert f"条款文件有错：{FILE}:{line()}" in refused.stderr
    assert "Traceback" not in refused.stderr

    keep_book(texts_of(FOLDER))
    prepared = shouwen(tmp_path, broken, "prepare")
    assert prepared.returncode == 0, prepared.stderr
    assert f"沿用上次的条款：{FILE}:{line()}" in prepared.stdout

    ask = "from shouwen.site import wsgi; from shouwen.duties.clauses import book; print(len(book().clauses))"
    served = run(tmp_path, broken, "-c", ask)
    assert int(served.stdout) == len(clauses.load(FOLDER).clauses)
    assert f"{FILE}:{line()}" in served.stderr


def shouwen(data: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(data, folder, "-m", "shouwen", *words)


def run(data: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A process of the house on the database of this test, with these clause files."""
    name = connection.settings_dict["NAME"]
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    given = {"DATABASE_URL": url, "DATA_DIR": str(data), "SHOUWEN_CLAUSES": str(folder), "SHOUWEN_DEMO": "no"}
    return subprocess.run(
        [sys.executable, *words], check=False, capture_output=True, text=True, timeout=120, cwd=ROOT,
        env={**os.environ, **given},
    )  # fmt: skip
