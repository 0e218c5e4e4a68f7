"""The outbox: letters that wait for a carrier. At least once, never in the way of others, given up loudly.

A letter is claimed in a commit of its own that counts the try and pushes it forward; then it is sent outside of any
transaction; then its end is written. A worker killed in between sends it again, under the same key. After ``MOST``
tries, or at once when the carrier says never, it is parked: it stays on record until somebody looks.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.utils import translation

from shouwen.kernel import clock
from shouwen.notices import letters
from shouwen.notices.carriers import CARRIERS, Carrier
from shouwen.notices.letters import Story, Words
from shouwen.notices.models import Letter, Mailbox, Notice, Way
from shouwen.notices.smtp import Bounced, Message, Post, Unreachable
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor

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
    own = letters.wordings()
    with carrier.line() as post:
        for _turn in range(most):
            row = _claim(carrier.code)
            if row is None:
                break
            ready = _prepared(row, own)
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
    rows = Letter.objects.select_related("staff__way", "community")
    return rows.get(pk=found[0]) if found else None


def _prepared(row: Letter, own: dict[str, Words]) -> Ready | State:
    """The message, or what becomes of the letter instead: it waits for its hour, or need not go at all."""
    mail, box, me = _mode(row.staff), Mailbox.objects.get(), StaffActor.of(row.staff)
    story = _stories([row], me).get(row.pk)
    if story is None or mail == Way.Mail.NONE or not row.staff.email or _needless(row):
        return _end([row], State.VOID)
    if until := hold_until(mail, box, at=row.at, now=clock.now(), urgent=story.urgent):
        Letter.objects.filter(pk=row.pk).update(run_at=until, attempts=row.attempts - 1)
        return State.WAITING
    rows, stories = [row], [story]
    if mail == Way.Mail.DIGEST and not story.urgent:
        rows, stories = _with_the_others(row, story, me)
    return Ready(rows, _message(rows, stories, own))


def hold_until(mail: str, box: Mailbox, *, at: datetime, now: datetime, urgent: bool) -> datetime | None:
    """When a letter may go; None if now. A digest waits for its hour, everything not urgent for the quiet to end."""
    if urgent:
        return None
    moment = max(now, _next(box.digest_at, at)) if mail == Way.Mail.DIGEST else now
    if box.quiet_from and box.quiet_to and _within(clock.local(moment).time(), box.quiet_from, box.quiet_to):
        moment = _next(box.quiet_to, moment)
    return moment if moment > now else None


def _within(moment: time, start: time, end: time) -> bool:
    """Whether a wall time lies in a span that may pass midnight; its end no longer does."""
    return start <= moment < end if start <= end else moment >= start or moment < end


def _next(wall: time, after: datetime) -> datetime:
    """The first moment not before ``after`` at which the wall clock shows ``wall``."""
    day = clock.local(after).date()
    today = clock.at(day, wall)
    return today if today >= after else clock.at(day + timedelta(days=1), wall)


def _needless(row: Letter) -> bool:
    """Read inside the product meanwhile, left the house, or so old that it would only confuse."""
    if not row.staff.is_active or clock.now() - row.at > STALE:
        return True
    return Notice.objects.filter(staff=row.staff_id, once=row.once, read_at__isnull=False).exists()


def _with_the_others(row: Letter, story: Story, me: StaffActor) -> tuple[list[Letter], list[Story]]:
    """Everything of the same person that is due too, as one message under the first key."""
    now = clock.now()
    rows = Letter.objects.filter(staff=row.staff, carrier=row.carrier, state=State.WAITING, run_at__lte=now)
    rows.update(attempts=models.F("attempts") + 1, run_at=row.run_at)
    taken = list(
        Letter.objects.filter(
            staff=row.staff, carrier=row.carrier, state=State.WAITING, run_at=row.run_at
        ).exclude(pk=row.pk)
    )
    for one in taken:
        one.staff = row.staff
    told = _stories([one for one in taken if not _needless(one)], me)
    _end([one for one in taken if one.pk not in told], State.VOID)
    together = sorted([row, *(one for one in taken if one.pk in told)], key=lambda one: one.pk)
    return together, [told.get(one.pk, story) for one in together]


def _message(rows: Sequence[Letter], stories: Sequence[Story], own: dict[str, Words]) -> Message:
    staff, first = rows[0].staff, rows[0]
    with translation.override(staff.language or settings.LANGUAGE_CODE):
        if len(rows) > 1:
            code, facts = letters.DIGEST, letters.digest_facts(stories, staff.name, settings.SITE_URL)
        else:
            code = first.code
            facts = letters.facts_of(stories[0], staff.name, first.community.name)
        words = letters.filled(own.get(code) or letters.preset(code), facts)
    return Message(first.pk, staff.email, staff.name, words.subject, words.body)


def _stories(rows: Sequence[Letter], me: StaffActor) -> dict[UUID, Story]:
    if letters.tellers.of is None:
        raise RuntimeError("nobody tells the stories: the switchboard is not connected")
    if not rows:
        return {}
    with translation.override(rows[0].staff.language or settings.LANGUAGE_CODE):
        return dict(letters.tellers.of(rows, me))


def _mode(staff: Staff) -> str:
    way: Way | None = getattr(staff, "way", None)
    return way.mail if way else Way.Mail.LATE


def _post(post: Post, ready: Ready) -> tuple[bool, bool]:
    """Send one message: whether it was taken, and whether the line is broken."""
    try:
        post(ready.message)
    except Bounced as error:
        _failed(ready.rows, str(error), never=True)
        return False, False
    except Unreachable as error:
        _failed(ready.rows, str(error))
        return False, True
    except Exception as error:  # noqa: BLE001 - whatever one letter does, the others go on
        _failed(ready.rows, f"{type(error).__name__}: {error}")
        return False, False
    _end(ready.rows, State.SENT)
    return True, False


def _end(rows: Sequence[Letter], state: State) -> State:
    keys = [row.pk for row in rows]
    sent = clock.now() if state == State.SENT else None
    Letter.objects.filter(pk__in=keys).update(state=state, sent_at=sent, error="")
    return state


def _failed(rows: Sequence[Letter], error: str, *, never: bool = False) -> None:
    error = error[:500].replace("\0", "")
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
