"""Signing in by telephone and code: six digits, ten minutes, five tries, bound to the browser that asked.

The request finds out nothing about the number: it keeps a row and asks for a job, known number or not, so that the
answer and its time are the same. The job looks the number up, makes the code and sends it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models import F

from shouwen.estate.models import Person
from shouwen.estate.saving import save
from shouwen.kernel import clock, limits, phones, vault
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import Refused
from shouwen.people.home_sign_in import opened_by_code, persons_by
from shouwen.people.residents import HomeCode, HomeSignIn
from shouwen.people.viewers import ResidentActor

LASTS = timedelta(minutes=10)
TRIES = 5
_PURPOSE = "home.code"
BY_NUMBER = ((3, timedelta(minutes=10)), (10, timedelta(days=1)))
BY_ADDRESS = (20, timedelta(hours=1))
BY_COMMUNITY = (200, timedelta(hours=1))


def ask(typed: str, *, browser: str, address: str) -> HomeCode:
    """Keep that this browser asks for a code to this number; refused for what is no number, and asked too often."""
    try:
        number = phones.normalise(typed)
    except ValueError as error:
        raise Refused("bad_phone", why=str(error)) from error
    for key, (limit, per) in (
        *((f"home-code:{number}", one) for one in BY_NUMBER),
        (f"home-code@{address}", BY_ADDRESS),
    ):
        if not (answer := limits.hit(key, limit, per)):
            raise Refused("home.too_often", minutes=-(-answer.retry_after // 60))
    now = clock.now()
    return save(HomeCode(number=number, browser=_digest(browser), at=now, expires_at=now + LASTS))


def prepare(key: int) -> tuple[str, str] | None:
    """For the job: the number and its fresh code; None where it signs nobody in, or was sent before."""
    row = HomeCode.objects.filter(pk=key, code=None, used_at=None, expires_at__gt=clock.now()).first()
    if row is None:
        return None
    persons = persons_by(str(row.number))
    allowed = [p for p in persons if limits.hit(f"home-codes:{p.community_id}", *BY_COMMUNITY)]
    if not allowed:
        return None
    code = f"{secrets.randbelow(10**6):06d}"
    row.code = vault.digest(f"{row.pk}:{code}", _PURPOSE)
    save(row)
    return str(row.number), code


def check(typed: str, *, browser: str) -> HomeCode:
    """The row whose code this is, used up now. Wrong, late, too often, unknown: one and the same refusal."""
    rows = HomeCode.objects.filter(browser__in=_digests(browser), used_at=None, expires_at__gt=clock.now())
    row = rows.order_by("-pk").first()
    # Counted in a statement of its own, before the answer is known: neither a race nor a rollback gives a try back.
    counted = row and HomeCode.objects.filter(pk=row.pk, tries__lt=TRIES).update(tries=F("tries") + 1)
    if row is None or not counted or not _fits(row, typed):
        raise Refused("home_code.wrong")
    if not HomeCode.objects.filter(pk=row.pk, used_at=None).update(used_at=clock.now()):
        raise Refused("home_code.wrong")
    return row


def _fits(row: HomeCode, typed: str) -> bool:
    known = vault.digests(f"{row.pk}:{typed.strip()}", _PURPOSE)
    stored = bytes(row.code) if row.code else b""
    return any(secrets.compare_digest(one, stored) for one in known)


def candidates(browser: str) -> list[Person]:
    """Whom the number may sign in that this browser proved a moment ago."""
    proven = HomeCode.objects.filter(browser__in=_digests(browser), used_at__gt=clock.now() - LASTS)
    row = proven.order_by("-pk").first()
    return persons_by(str(row.number)) if row else []


def enter(person_id: int, *, browser: str, address: str, agent: str) -> tuple[HomeSignIn, str]:
    """Sign in one of the candidates, in all homes of theirs; what this browser proved is used up."""
    person = next((p for p in candidates(browser) if p.pk == person_id), None)
    if person is None:
        raise Refused("home_code.wrong")
    actor = ResidentActor.of(person)
    with frame(actor):
        HomeCode.objects.filter(browser__in=_digests(browser)).delete()
        return opened_by_code(actor, person, address=address, agent=agent)


def forget_old() -> None:
    """Codes of yesterday are of no use, and their numbers nobody's business."""
    HomeCode.objects.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()


def _digest(browser: str) -> bytes:
    return vault.digest(browser, "home.browser")


def _digests(browser: str) -> list[bytes]:
    return vault.digests(browser, "home.browser")
