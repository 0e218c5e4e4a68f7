"""``shouwen export``: the rights of whoever it is run for, and on record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_list_is_written_and_taking_it_out_is_on_record(cast: Cast, tmp_path: Path) -> None:
    case = take(cast, cast.bob)
    call_command("export", "cases", str(tmp_path / "a.csv"), community=cast.community.code, username="bob")
    assert case.number in (tmp_path / "a.csv").read_text("utf-8-sig")
    assert Entry.objects.get(verb="data:exported").actor_id == cast.bob.pk


def test_a_list_is_limited_to_days_and_others_say_that_they_cannot_be(cast: Cast, tmp_path: Path) -> None:
    case, file = take(cast, cast.bob), tmp_path / "a.csv"
    who = {"community": cast.community.code, "username": "bob"}
    today, before = clock.today(), clock.today() - timedelta(days=1)
    for days, told in (({"until": before}, False), ({"since": today, "until": today}, True)):
        call_command("export", "cases", str(file), **who, **days)
        assert (case.number in file.read_text("utf-8-sig")) is told
    with pytest.raises(CommandError, match="按日期"):
        call_command("export", "units", str(file), **who, since=today)


@pytest.mark.parametrize("username", ["wen", "charlie"])
def test_nobody_takes_out_what_they_may_not(cast: Cast, tmp_path: Path, username: str) -> None:
    take(cast, cast.bob)
    with pytest.raises(CommandError):
        call_command(
            "export", "cases", str(tmp_path / "a.csv"), community=cast.community.code, username=username
        )
    assert not (tmp_path / "a.csv").exists()
