"""Calendar feeds: a secret address that a telephone reads, for what one person owes or what a community owes.

The address is shown once and kept as a digest. It tells no more than a locked screen may show: what is due and where
to look, no room, no name, no telephone number. It ends with the account, with the right, or by hand.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from shouwen.duties import rulings
from shouwen.duties.models import Duty, Feed
from shouwen.duties.words import clause_words
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.clock import end_of_day, local
from shouwen.kernel.journal import Fact, frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor

RIGHT = "duty.see"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=120)
MOST = 1000
REFRESH = timedelta(hours=1)


def issue(*, actor: Actor, community_id: int | None = None) -> tuple[Feed, str]:
    """A new address for the actor, returned once; an older one of the same kind ends."""
    assert actor.staff_id is not None
    if community_id is not None:
        _may(community_id, actor)
    secret = secrets.token_urlsafe(32)
    with frame(actor):
        Staff.objects.select_for_update(no_key=True).get(pk=actor.staff_id)
        for old in Feed.objects.filter(staff_id=actor.staff_id, place_id=community_id, ended_at=None):
            _end(old)
        row = Feed(
            staff_id=actor.staff_id, place_id=community_id, digest=_digest(secret), made_at=clock.now()
        )
        row.save()
        record("feed:issued", row)
    return row, secret


def end(key: int, *, actor: Actor) -> Feed:
    """Make one of the actor's own addresses worthless at once; again is no fault."""
    with frame(actor):
        row = Feed.objects.select_for_update().filter(pk=key, staff=actor.staff_id or 0).first()
        if row is None:
            raise NotFound("not_found")
        return _end(row) if row.ended_at is None else row


def mine(actor: Actor) -> Iterable[Feed]:
    """The addresses of the actor that hold."""
    return (
        Feed.objects.filter(staff=actor.staff_id or 0, ended_at=None)
        .select_related("place")
        .order_by("place_id")
    )


def on_left(fact: Fact, actor: Actor) -> None:
    """A reaction: with the account end its addresses, and they stay ended should the colleague return."""
    for row in Feed.objects.select_for_update().filter(staff_id=int(fact.subject_id), ended_at=None):
        _end(row)


def opened(secret: str) -> Feed | None:
    """The feed of an address that still holds; None for any other."""
    row = (
        Feed.objects.select_related("staff", "place")
        .filter(digest=_digest(secret), ended_at=None, staff__is_active=True)
        .first()
    )
    if row is None:
        return None
    if row.place_id and not StaffActor.of(row.staff).may(RIGHT, row.place_id):
        return None
    if row.read_at is None or row.read_at < clock.now() - REFRESH:
        Feed.objects.filter(pk=row.pk).update(read_at=clock.now())
    return row


def calendar_of(row: Feed, site: str) -> bytes:
    """The feed as RFC 5545 has it; ``site`` begins the links."""
    made = Calendar()
    name = row.place.name if row.place else _("我的应办")
    made.add("prodid", "-//Shouwen//duties//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _("首问 %s") % name)
    made.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    duties = _duties(row)
    places = Community.objects.filter(pk__in={duty.community_id for duty in duties})
    names = dict(places.values_list("pk", "name"))
    for duty in duties:
        made.add_component(_event(duty, names.get(duty.community_id, ""), site))
    return bytes(made.to_ical())


def _duties(row: Feed) -> list[Duty]:
    me, now = StaffActor.of(row.staff), clock.now()
    rows = Duty.objects.visible_to(me).open().filter(due_at__range=(now - BEHIND, now + AHEAD))
    if row.place_id:
        return list(rows.filter(community_id=row.place_id).order_by("due_at", "id")[:MOST])
    found: list[Duty] = []
    for community_id, posts in me.posts.items():
        found += rows.filter(community_id=community_id).owed_by(me, posts).order_by("due_at", "id")[:MOST]
    return sorted(found, key=lambda d: (d.due_at or now, d.pk))[:MOST]


def _event(duty: Duty, community: str, site: str) -> Event:
    """One duty: at its moment, or on its day where the promise is a day."""
    assert duty.due_at is not None
    zone = rulings.zone_of(duty.community_id)
    due = local(duty.due_at, zone)
    event = Event()
    event.add("uid", f"{duty.pk}@shouwen")
    event.add("dtstamp", duty.born_at)
    words = clause_words(duty.clause) if duty.matter_kind != "task" else _("交办任务")
    event.add("summary", _("%s（停表）") % words if duty.state == Duty.State.PAUSED else words)
    whole_day = duty.due_at == end_of_day(due.date(), zone)
    event.add("dtstart", due.date() if whole_day else duty.due_at.astimezone(UTC))
    if whole_day:
        event.add("dtend", due.date() + timedelta(days=1))
    event.add("location", community)
    event.add("transp", "TRANSPARENT")
    if site:
        event.add("url", f"{site}/duties/{duty.pk}/")
    return event


def _may(community_id: int, actor: Actor) -> None:
    if community_id not in actor.communities:
        raise NotFound("not_found")
    if not actor.may(RIGHT, community_id):
        raise NotAllowed("duty.right")


def _end(row: Feed) -> Feed:
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    record("feed:ended", row)
    return row


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
