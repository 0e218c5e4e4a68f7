"""The jobs of this room: imports run in the name of whoever asked for them, which only this floor knows."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import translation
from procrastinate.contrib.django import app

from shouwen.estate.imports import lines
from shouwen.estate.imports.run import carry_out
from shouwen.estate.models import ImportRun
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.people import actions, drafts, home_codes, sign_in, who
from shouwen.people.holdings import held_by
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor


@app.task(queue="import")
def run_import(run_id: int) -> None:
    """Carry out one import; a second call after a crash begins again, since nothing was written."""
    run = ImportRun.objects.select_related("community", "file").filter(pk=run_id).first()
    if run is not None:
        staff = Staff.objects.filter(pk=run.by_id).first() if run.by_id else None
        # Reasons are kept in words: in those of whoever asked.
        with translation.override(
            staff.language or settings.LANGUAGE_CODE if staff else settings.LANGUAGE_CODE
        ):
            carry_out(run, actor=StaffActor.of(staff) if staff else System.of(run.community_id))


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="close_expired_sessions", queue="tidy")
def close_expired_sessions(timestamp: int) -> None:
    """Sessions that ran out are no longer listed."""
    sign_in.close_expired()
    home_codes.forget_old()
    Session.objects.filter(expire_date__lt=clock.now()).delete()


@app.periodic(cron="11 * * * *")
@app.task(queueing_lock="adopt_left_behind", queue="tidy")
def adopt_left_behind(timestamp: int) -> None:
    """What came to somebody in the very moment in which their account was closed goes to the fallback owner."""
    for staff in Staff.objects.filter(is_active=False):
        for community in held_by(staff):
            actions.hand_over(
                staff.pk,
                actor=System.of(community),
                community_id=community,
                heir_id=who.fallback_of(community),
            )


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_import_lines", queue="tidy")
def forget_import_lines(timestamp: int) -> None:
    """What was said of every line of an import is of use for some weeks only."""
    lines.forget()


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="forget_drafts", queue="tidy")
def forget_drafts(timestamp: int) -> None:
    """What was typed and never sent is kept for a week."""
    drafts.forget()


def queue_import(run_id: int) -> None:
    """Put the import's job into the open transaction."""
    run_import.defer(run_id=run_id)
