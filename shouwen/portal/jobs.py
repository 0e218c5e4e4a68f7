"""The jobs of the residents' door."""

from __future__ import annotations

from procrastinate.contrib.django import app

from shouwen.portal import texts


@app.task(queue="letters", priority=5)
def send_code(row_id: int) -> None:
    """Send a sign-in code. Not tried again: whoever waits asks for another one."""
    texts.send_code(row_id)


@app.task(queue="letters", priority=5)
def send_proof(person_id: int, token: str, url: str, language: str) -> None:
    """Send the proof of an address. Not tried again: whoever waits types it once more."""
    texts.send_proof(person_id, token, url, language)
