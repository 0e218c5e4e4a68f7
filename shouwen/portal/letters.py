"""Letters to residents about what they brought: which facts are worth one, and how the matter stands when it leaves.

Written for whoever brought the matter and nobody else of the home. What it says is looked up when it is sent, as the
residents' door would show it then; what is true no longer is not sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases import ratings
from shouwen.cases.models import CLOSED, Case, State
from shouwen.kernel import vault
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Fact
from shouwen.notices.actions import HomeTelling, write_homes
from shouwen.notices.letters import Story
from shouwen.notices.models import Letter
from shouwen.notices.words import HOMES
from shouwen.people.viewers import ResidentActor
from shouwen.portal.progress import appointment, progress, technician, visit
from shouwen.works.models import Order
from shouwen.works.models import State as Work

CODES: dict[str, str] = {
    "case:registered": "home.received",
    "case:promised": "home.coming",
    "order:dispatched": "home.coming",
    "order:accepted": "home.coming",
    "order:carried": "home.coming",
    "case:done": "home.done",
    "case:reopened": "home.reopened",
    "case:satisfied": "home.closed",
    "case:unconfirmed": "home.closed",
    "case:cancelled": "home.closed",
    "case:merged": "home.merged",
}
VERBS = frozenset(CODES)


def write(fact: Fact) -> None:
    """Reader: write the letters of a fact, in the transaction that takes it off the list of what is to be read."""
    case = Case.objects.select_related("person").filter(pk=fact.matter).first() if fact.matter else None
    if case is None or not _worth(fact, case):
        return
    told = [_telling(fact, case, CODES[fact.verb])]
    if fact.verb == "case:done":
        told += [
            _telling(fact, one, "home.merged_done")
            for one in case.merged.select_related("person").order_by("pk")
        ]
    write_homes([one for one in told if one])


def _worth(fact: Fact, case: Case) -> bool:
    """Not what came in a file or was settled at the counter, nor a visit nobody has agreed to; nor one's own press."""
    if fact.verb == "case:registered":
        return fact.data.get("channel") != Case.Channel.IMPORT
    if fact.verb == "order:dispatched":
        return fact.now == Work.ACCEPTED
    own = fact.actor_kind == "resident" and fact.actor_id in (case.person_id, _whose(case))
    return not fact.data.get("on_the_spot") and not (own and CODES[fact.verb] == "home.closed")


def _whose(case: Case) -> int | None:
    """Who brought it, by the row that is still theirs."""
    return case.person.merged_into_id or case.person.pk if case.person else None


def _telling(fact: Fact, case: Case, code: str) -> HomeTelling | None:
    whose = _whose(case)
    if whose is None:
        return None
    return HomeTelling(case.community_id, whose, code, case.pk, f"{code}:{fact.id}", fact.at)


def stories(rows: Sequence[Letter], me: ResidentActor) -> Mapping[UUID, Story]:
    """What letters to one resident tell; nothing of a matter that they may not see now, or that has moved on."""
    persons = {key for stay in me.stays for key in stay.persons}
    mine = Case.objects.visible_to(me).filter(pk__in={row.matter_id for row in rows}, person_id__in=persons)
    cases = {case.pk: case for case in mine.select_related("first_responder")}
    orders = Order.objects.filter(case__in=cases).select_related("technician").order_by("turn")
    last = {order.case_id: order for order in orders}
    told = {}
    for row in rows:
        case = cases.get(row.matter_id) if row.matter_id else None
        what = _WHAT[row.code](case, last.get(case.pk)) if case else ""
        if case and what:
            told[row.pk] = _story(row, case, what)
    return told


def _story(row: Letter, case: Case, what: str) -> Story:
    site, asks = settings.SITE_URL, row.code == "home.done" and settings.SITE_URL
    return Story(
        what=what,
        number=case.number,
        place=case.place,
        title=case.title,
        urgent=case.urgent,
        who=case.first_responder.name,
        link=site + reverse("portal:matter", args=[case.pk]) if site else "",
        stop=site + stop_url(row.person_id or 0) if site else "",
        rate=partial(_rating, row, case) if asks else str,
    )


def _rating(row: Letter, case: Case) -> str:
    """The link to rate, made of the letter's own key: sent again, the letter carries the same one."""
    secret = vault.digest(f"{row.pk}", "rating.sent").hex()
    ratings.make_link(case.pk, actor=System.of(case.community_id), secret=secret)
    return settings.SITE_URL + reverse("portal:rate", args=[secret])


def _received(case: Case, order: Order | None) -> str:
    return _now(case, order) if case.state in (State.RECEIVED, State.WORKING) else ""


def _coming(case: Case, order: Order | None) -> str:
    """Who comes and when; before anybody accepted it the time that was agreed."""
    if case.state not in (State.RECEIVED, State.WORKING):
        return ""
    if order and order.state == Work.ACCEPTED:
        return visit(case, order, technician(order))
    if order and order.state not in (Work.POOL, Work.OFFERED):
        return ""
    agreed = appointment(case)
    return _("约好 %s 上门") % agreed if agreed else ""


def _now(case: Case, order: Order | None) -> str:
    return progress(case, order, None).headline


def _done(case: Case, order: Order | None) -> str:
    return _now(case, order) if case.state == State.DONE else ""


def _reopened(case: Case, _order: Order | None) -> str:
    return str(HOMES["home.reopened"]) if case.state in (State.RECEIVED, State.WORKING) else ""


def _closed(case: Case, order: Order | None) -> str:
    return _now(case, order) if case.state in CLOSED and case.state != State.MERGED else ""


def _merged(code: str, case: Case, _order: Order | None) -> str:
    return str(HOMES[code]) if case.state == State.MERGED else ""


_WHAT: dict[str, Callable[[Case, Order | None], str]] = {
    "home.received": _received,
    "home.coming": _coming,
    "home.done": _done,
    "home.reopened": _reopened,
    "home.closed": _closed,
    "home.merged": partial(_merged, "home.merged"),
    "home.merged_done": partial(_merged, "home.merged_done"),
}
"""What each letter says of a matter as it stands; nothing where that is over."""


def stop_url(person_id: int) -> str:
    """The address at which one person, and nobody else, can say that they want no more letters."""
    mark = vault.digest(str(person_id), "home.stop").hex()
    return reverse("portal:stop", args=[person_id, mark])


def stops(person_id: int, mark: str) -> bool:
    """Whether the address is one of ours."""
    known = vault.digests(str(person_id), "home.stop")
    return any(secrets.compare_digest(one.hex(), mark) for one in known)
