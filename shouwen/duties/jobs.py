"""The jobs of duties."""

from __future__ import annotations

from procrastinate.contrib.django import app

from shouwen.duties import days, digest, kept, sweep
from shouwen.estate.models import Community


@app.periodic(cron="* * * * * */30")
@app.task(queueing_lock="sweep_duties", queue="deliver", priority=5)
def sweep_duties(timestamp: int) -> None:
    """Open the days that have begun, close the periods that have ended, tell of what runs out; once a day, the digest."""
    days.lay_out()
    sweep.sweep(hands=2)
    digest.tell()


@app.periodic(cron="23 2 * * *")
@app.task(queueing_lock="keep_calendars", queue="tidy")
def keep_calendars(timestamp: int) -> None:
    """Keep a new version where the national holidays of a year have become known."""
    for community_id in Community.objects.values_list("pk", flat=True):
        kept.keep_calendar(community_id)
