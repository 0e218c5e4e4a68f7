"""The jobs of the kernel. A job holds no rule: it calls one function, may run twice, and may be killed in the middle.

Periodic jobs carry a queueing lock: while one waits, no second one is queued.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from procrastinate.contrib.django import app

from shouwen.kernel import clock, deliveries, files, limits
from shouwen.kernel.models import Once

log = logging.getLogger(__name__)
# A worker shows every ten seconds that it lives; one that was silent for so long is gone.
STALLED_AFTER = 60
KEEP_FAILED_HOURS = 24 * 14
# A telephone may lie in a drawer for a week before what it holds goes out a second time.
KEEP_ONCE = timedelta(days=15)


@app.periodic(cron="* * * * * */2")
@app.task(queueing_lock="deliver", queue="deliver", priority=10)
def deliver_facts(timestamp: int) -> None:
    """Hand facts to the readers that run after the commit."""
    outcome = deliveries.deliver()
    if outcome.failed:
        log.warning("%s deliveries failed, %s delivered", outcome.failed, outcome.delivered)


@app.periodic(cron="* * * * * */30")
@app.task(queueing_lock="retry_stalled", queue="tidy")
async def retry_stalled(timestamp: int) -> None:
    """Queue the jobs of killed workers again."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("job %s of a silent worker is queued again", job.id)
        await app.job_manager.retry_job(job)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="delete_old_jobs", queue="tidy")
async def delete_old_jobs(timestamp: int) -> None:
    """Successful jobs of an hour ago tell nothing; failed ones are kept for two weeks."""
    await app.job_manager.delete_old_jobs(nb_hours=1)
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True
    )


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="sweep_files", queue="tidy")
def sweep_files(timestamp: int) -> None:
    """Delete files that no row holds."""
    log.info("files swept: %s", files.sweep())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="tidy", queue="tidy")
def tidy(timestamp: int) -> None:
    """Forget closed rate windows and old idempotency keys."""
    limits.sweep()
    Once.objects.filter(created_at__lt=clock.now() - KEEP_ONCE).delete()
