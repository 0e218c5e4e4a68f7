"""Migrations: none is missing, one line a room, only forwards in time; what the database must hold, it holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.house.source import FLOORS, HOUSE

ROOMS = [r for r in FLOORS if (HOUSE / r / "migrations").is_dir()]


@pytest.mark.django_db
def test_no_model_changed_without_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_a_rooms_migrations_are_one_line_without_a_gap() -> None:
    loader = MigrationLoader(None)
    for room in ROOMS:
        assert len(loader.graph.leaf_nodes(room)) == 1, room
        numbers = sorted(int(f.name[:4]) for f in (HOUSE / room / "migrations").glob("[0-9]*.py"))
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), room


def test_migrations_obey_the_floors() -> None:
    loader = MigrationLoader(None)
    for (app, _name), migration in loader.disk_migrations.items():
        for on, _ in migration.dependencies:
            if app in FLOORS and on in FLOORS:
                assert FLOORS.index(on) <= FLOORS.index(app), (app, on)


# What these drop was copied to its new place in the same migration; a test of the room proves it on data.
MOVED = {"0008_alarm.py"}


def test_migrations_run_only_forwards() -> None:
    """What deletes data can't be taken back: no migration drops a table or a column of a release."""
    for file in HOUSE.rglob("migrations/[0-9]*.py"):
        if file.name.startswith("0001") or file.name in MOVED:
            continue
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"migrations\.(DeleteModel|RemoveField)", text), file


@pytest.mark.django_db
def test_every_constraint_of_ours_has_a_sentence_or_can_not_be_typed() -> None:
    """A constraint that a person can break by typing says so in Chinese; the others guard the machine."""
    silent = {
        c.name
        for m in apps.get_models()
        if m.__module__.startswith("shouwen.")
        for c in m._meta.constraints
        if c.violation_error_message == c.default_violation_error_message
    }
    machine = {
        "case_number", "calendar_day", "delivery_once", "duty_born_once",
        "draft_form", "feed_once", "finding_once", "member_once", "fallback_pkey", "hours_start", "hours_weekday",
        "kept_calendar", "letter_once", "mailbox_one", "notice_once", "once_key", "order_has_technician", "order_turn",
        "policy_key", "public_day", "skill_once",
        "area_once", "letter_home_once", "letter_recipient", "gateway_one",
    }  # fmt: skip
    assert silent - machine == {
        c for c in silent - machine if c.startswith(("figure_", "import_", "frozen_", "kpi_", "case_ref"))
    }


@pytest.mark.django_db
def test_the_journal_is_guarded_by_the_database_itself() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname, tgenabled from pg_trigger where tgrelid = 'kernel_entry'::regclass and not tgisinternal"
        )
        assert ("kernel_entry_guard", "O") in [
            (n, e if isinstance(e, str) else e.decode()) for n, e in cursor.fetchall()
        ]


def test_no_file_names_a_registry() -> None:
    root = Path(HOUSE).parent
    for file in [
        *(root / "requirements").glob("*"),
        root / "package.json",
        root / "package-lock.json",
        root / ".npmrc",
    ]:
        text = re.sub(r'"funding":[^}]*}', "", file.read_text(encoding="utf-8"))
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {
            "github.com",
            "opencollective.com",
            "tidelift.com",
        }
        assert not hosts, (file.name, hosts)
