"""The jobs of notices."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from shouwen.notices import outbox

log = logging.getLogger(__name__)


# One at a time in the whole house: a mail server that hangs must not take every worker with it.
@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="send_letters", lock="send_letters", queue="letters")
def send_letters(timestamp: int) -> None:
    """Give letters to their carriers."""
    outcome = outbox.send()
    if outcome.failed:
        log.warning("letters: %s", outcome)
