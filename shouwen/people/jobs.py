"""The jobs of this room: imports run in the name of whoever asked for them, which only this floor knows."""

from __future__ import annotations

from procrastinate.contrib.django import app

from shouwen.estate.imports.run import carry_out
from shouwen.estate.models import ImportRun
from shouwen.kernel.actors import Actor, System
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor


@app.task(queue="import")
def run_import(run_id: int) -> None:
    """Carry out one import; a second call after a crash begins again, since nothing was written."""
    run = ImportRun.objects.select_related("community", "file").filter(pk=run_id).first()
    if run is not None:
        carry_out(run, actor=_asker(run))


def queue_import(run_id: int) -> None:
    """Put the import's job into the open transaction."""
    run_import.defer(run_id=run_id)


def _asker(run: ImportRun) -> Actor:
    staff = Staff.objects.filter(pk=run.by_id).first() if run.by_id else None
    return StaffActor.of(staff) if staff else System.of(run.community_id)
