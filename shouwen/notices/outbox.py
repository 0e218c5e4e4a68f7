"""The outbox: letters that wait for a carrier. At least once, never in the way of others, given up loudly.

A letter is claimed in a commit of its own that counts the try and pushes it forward; then it is sent outside of any
transaction; then its end is written. A worker killed in between sends it again, under the same key. After ``MOST``
tries, or at once when the carrier says never, it is parked: it stays on record until somebody looks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.utils import translation

from shouwen.kernel import clock
from shouwen.notices import letters
from shouwen.notices.addressees import Addressee, addressee
from shouwen.notices.carriers import CARRIERS, SMS, Carrier
from shouwen.notices.letters import Story, Words
from shouwen.notices.models import Letter, Mailbox, Quiet, Way
from shouwen.notices.smtp import Bounced, Message, Post, Unreachable

log = logging.getLogger(__name__)
MOST = 8
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))
"""The wait after try 1, 2, 3 ...; the first is longer than the longest try takes."""
STALE = timedelta(days=7)
State = Letter.State

_CLAIM = f"""
update notices_letter set attempts = attempts + 1, run_at = %s + (%s::interval[])[attempts + 1]
where id = (select id from notices_letter
            where carrier = %s and state = 'waiting' and run_at <= %s and attempts < {MOST}
            order by run_at, id limit 1 for update skip locked)
returning id
"""


class Outcome(NamedTuple):
    """What one pass did, in letters."""

    sent: int = 0
    held: int = 0
    failed: int = 0
    void: int = 0


@dataclass(frozen=True)
class Ready:
    """Letters that go out as one message."""

    rows: Sequence[Letter]
    message: Message


def send(most: int = 200) -> Outcome:
    """Send what is due through every carrier that is set up."""
    _park_spent()
    done = [_through(carrier, most) for carrier in CARRIERS.values() if not carrier.trouble()]
    return Outcome(*(sum(part) for part in zip(*done, strict=True))) if done else Outcome()


def _through(carrier: Carrier, most: int) -> Outcome:
    """A pass ends when nothing is due, or at the first sign that the line is broken: others wait for the next."""
    counts = dict.fromkeys(Outcome._fields, 0)
    own, quiet = letters.wordings(), carrier.quiet()
    with carrier.line() as post:
        for _turn in range(most):
            row = _claim(carrier.code)
            if row is None:
                break
            ready = _prepared(row, own, quiet)
            if not isinstance(ready, Ready):
                counts["held" if ready == State.WAITING else "void"] += 1
                continue
            sent, broken = _post(post, ready)
            counts["sent" if sent else "failed"] += len(ready.rows)
            if broken:
                break
    return Outcome(**counts)


def _claim(carrier: str) -> Letter | None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, list(DELAYS), carrier, now])
        found = cursor.fetchone()
    rows = Letter.objects.select_related("staff__way", "person", "community")
    return rows.get(pk=found[0]) if found else None


def _prepared(row: Letter, own: dict[str, Words], quiet: Quiet) -> Ready | State:
    """The message, or what becomes of the letter instead: it waits for its hour, or need not go at all."""
    to = addressee(row)
    story = _stories([row], to).get(row.pk) if to.address else None
    if story is None or _needless(row, to):
        return _end([row], State.VOID)
    digest = to.mail == Way.Mail.DIGEST
    digest_at = Mailbox.objects.get().digest_at if digest else None
    if until := hold_until(quiet, digest_at=digest_at, at=row.at, now=clock.now(), urgent=story.urgent):
        Letter.objects.filter(pk=row.pk).update(run_at=until, attempts=row.attempts - 1)
        return State.WAITING
    rows, stories = [row], [story]
    if digest and not story.urgent:
        rows, stories = _with_the_others(row, story, to)
    return Ready(rows, _message(rows, stories, to, own))


def hold_until(
    quiet: Quiet, *, digest_at: time | None, at: datetime, now: datetime, urgent: bool
) -> datetime | None:
    """When a letter may go; None if now. A digest waits for its hour, everything not urgent for the quiet to end."""
    if urgent:
        return None
    moment = max(now, _next(digest_at, at)) if digest_at else now
    start, end = quiet.quiet_from, quiet.quiet_to
    if start and end and _within(clock.local(moment).time(), start, end):
        moment = _next(end, moment)
    return moment if moment > now else None


def _within(moment: time, start: time, end: time) -> bool:
    """Whether a wall time lies in a span that may pass midnight; its end no longer does."""
    return start <= moment < end if start <= end else moment >= start or moment < end


def _next(wall: time, after: datetime) -> datetime:
    """The first moment not before ``after`` at which the wall clock shows ``wall``."""
    day = clock.local(after).date()
    today = clock.at(day, wall)
    return today if today >= after else clock.at(day + timedelta(days=1), wall)


def _needless(row: Letter, to: Addressee) -> bool:
    """Told otherwise meanwhile, or so old that it would only confuse."""
    return clock.now() - row.at > STALE or to.needless(row)


def _with_the_others(row: Letter, story: Story, to: Addressee) -> tuple[list[Letter], list[Story]]:
    """Everything of the same person that is due too, as one message under the first key."""
    now = clock.now()
    rows = Letter.objects.filter(staff=row.staff, carrier=row.carrier, state=State.WAITING, run_at__lte=now)
    rows.update(attempts=models.F("attempts") + 1, run_at=row.run_at)
    taken = list(
        Letter.objects.filter(
            staff=row.staff, carrier=row.carrier, state=State.WAITING, run_at=row.run_at
        ).exclude(pk=row.pk)
    )
    told = _stories([one for one in taken if not _needless(one, to)], to)
    _end([one for one in taken if one.pk not in told], State.VOID)
    together = sorted([row, *(one for one in taken if one.pk in told)], key=lambda one: one.pk)
    return together, [told.get(one.pk, story) for one in together]


def _message(
    rows: Sequence[Letter], stories: Sequence[Story], to: Addressee, own: dict[str, Words]
) -> Message:
    first = rows[0]
    with _language_of(to):
        if len(rows) > 1:
            code, facts = letters.DIGEST, letters.digest_facts(stories, to.name, settings.SITE_URL)
        else:
            code, facts = first.code, letters.facts_of(stories[0], to.name, first.community.name)
        if first.carrier == SMS:
            return Message(first.pk, to.address, "", "", letters.short(code, facts))
        words = letters.filled(own.get(code) or letters.preset(code), facts)
    return Message(first.pk, to.address, to.name, words.subject, words.body, facts.get("stop", ""))


def _stories(rows: Sequence[Letter], to: Addressee) -> Mapping[UUID, Story]:
    with _language_of(to):
        return to.tell(rows) if rows else {}


def _language_of(to: Addressee) -> AbstractContextManager[None]:
    return translation.override(to.language or settings.LANGUAGE_CODE)


def _post(post: Post, ready: Ready) -> tuple[bool, bool]:
    """Send one message: whether it was taken, and whether the line is broken."""
    try:
        post(ready.message)
    except Bounced as error:
        _failed(ready, str(error), never=True)
        return False, False
    except Unreachable as error:
        _failed(ready, str(error))
        return False, True
    except Exception as error:  # noqa: BLE001 - whatever one letter does, the others go on
        _failed(ready, f"{type(error).__name__}: {error}")
        return False, False
    _end(ready.rows, State.SENT)
    return True, False


def _end(rows: Sequence[Letter], state: State) -> State:
    keys = [row.pk for row in rows]
    sent = clock.now() if state == State.SENT else None
    Letter.objects.filter(pk__in=keys).update(state=state, sent_at=sent, error="")
    return state


def _failed(ready: Ready, error: str, *, never: bool = False) -> None:
    """A server that quotes the address in its answer must not spell it into our records and logs."""
    rows, error = ready.rows, error.replace(ready.message.to, "…")[:500].replace("\0", "")
    given_up = [row.pk for row in rows if never or row.attempts >= MOST]
    Letter.objects.filter(pk__in=[row.pk for row in rows]).update(error=error)
    Letter.objects.filter(pk__in=given_up).update(state=State.PARKED)
    log.log(logging.ERROR if given_up else logging.WARNING, "%s letters failed, %s parked: %s",
            len(rows), len(given_up), error)  # fmt: skip


def _park_spent() -> None:
    """Letters whose last try took the worker with it."""
    spent = Letter.objects.filter(state=State.WAITING, attempts__gte=MOST, run_at__lte=clock.now())
    spent.update(state=State.PARKED)


def waiting(since: datetime | None = None) -> int:
    """Letters that will still be tried; with ``since``, those due before it: a measure of the backlog."""
    rows = Letter.objects.filter(state=State.WAITING)
    return (rows.filter(run_at__lt=since) if since else rows).count()


def parked() -> list[Letter]:
    """Letters given up, the oldest first: `doctor` shows them."""
    return list(Letter.objects.filter(state=State.PARKED).select_related("staff").order_by("run_at")[:100])


def retry_parked(rows: models.QuerySet[Letter] | None = None) -> int:
    """Try what was parked again, after its cause was mended."""
    chosen = Letter.objects.all() if rows is None else rows
    return chosen.filter(state=State.PARKED).update(state=State.WAITING, attempts=0, run_at=clock.now())
