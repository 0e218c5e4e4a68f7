"""What the house says of itself when it is broken: an id on the page that finds the line of the log, and no password in MD5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from logging.config import dictConfig

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from shouwen.front import desk
from shouwen.site import health
from shouwen.site.logs import logging_config
from tests.cast import Cast
from tests.house.source import ROOT


def broken(*_given: object, **_more: object) -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.django_db
@pytest.mark.parametrize("part", [False, True])
def test_the_page_of_a_fault_carries_the_id_of_its_line_in_the_log(
    cast: Cast,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    part: bool,
) -> None:
    client.force_login(cast.bob)
    client.raise_request_exception = False
    monkeypatch.setattr(desk, "listing", broken)
    dictConfig(logging_config("json"))
    try:
        answer = client.get(
            f"{reverse('case_list')}?q=13900001201", headers={"HX-Request": "true"} if part else {}
        )
    finally:
        dictConfig(logging_config(os.environ["SHOUWEN_LOG"]))
    assert answer.status_code == 500
    told = answer["X-Request-Id"]
    assert f'<span class="id">{told}</span>' in answer.content.decode()
    assert "a fault of ours" not in answer.content.decode()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    (line,) = (one for one in lines if one["request_id"] == told and "exc_info" in one)
    assert line["level"] == "ERROR"
    assert "a fault of ours" in line["exc_info"]
    assert "13900001201" not in json.dumps(lines), "what was searched for is nobody's business in a log"


def test_alive_without_a_database_and_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_given: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "database": "unreachable"})


@pytest.mark.django_db
def test_not_ready_before_the_tables_of_this_release(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"ready": True}
    monkeypatch.setattr(health, "is_migrated", lambda: False)
    assert client.get("/readyz").status_code == 503


def test_passwords_are_kept_by_argon2_where_people_work() -> None:
    """Tests hash quickly; the product must not."""
    code = (
        "import django; django.setup(); from django.contrib.auth.hashers import make_password;"
        "print(make_password('a-long-enough-word'))"
    )
    given = os.environ | {"SHOUWEN_TESTING": "", "DJANGO_SETTINGS_MODULE": "shouwen.site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT, env=given
    )
    assert done.stdout.startswith("argon2$argon2id$")
