"""The jobs of reports."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from shouwen.estate.models import Community
from shouwen.kernel.actors import System
from shouwen.reports.actions import freeze

log = logging.getLogger(__name__)


@app.periodic(cron="37 0,16 * * *")
@app.task(queueing_lock="freeze_figures", queue="tidy")
def freeze_figures(timestamp: int) -> None:
    """Freeze the figures of the periods that ended. Twice a day, so that a missed night is made up for."""
    for community_id in Community.objects.values_list("pk", flat=True):
        if written := freeze(community_id, actor=System.of(community_id)):
            log.info("community %s: %s figures frozen", community_id, written)
