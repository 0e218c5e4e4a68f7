"""What a manager may change: the values of policy keys, and from which day on the manuals are carried out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shouwen.duties import days, rulings
from shouwen.duties.book.values import PolicySeed
from shouwen.duties.clauses import book
from shouwen.duties.models import Policy, Run
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.clock import start_of_day
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused

RIGHT = "setting.edit"


def set_policy(
    community_id: int,
    key: str,
    value: str,
    *,
    actor: Actor,
    preset: str = "",
    reason: str = "",
    since: date | None = None,
) -> Policy:
    """Choose a value for a policy key, from ten seconds or from a later day on; empty goes back to the preset.

    ``preset`` is the letter of the manual whose value is chosen; a value that no manual has wants a reason.
    Duties that run keep what was promised when they were born.
    """
    _may(community_id, actor)
    seed = book().policies.get(key)
    if seed is None:
        raise Refused("policy.key", key=key)
    chosen = checked(seed, value, preset)
    if chosen not in ("", seed.preset, *seed.presets.values()) and not reason.strip():
        raise Refused("policy.reason")
    with frame(actor):
        Community.objects.select_for_update(no_key=True).get(
            pk=community_id
        )  # one change of values at a time
        row = Policy(
            community_id=community_id,
            key=key,
            value=chosen,
            preset=preset,
            reason=reason.strip()[:200],
            since=_since(community_id, key, since),
        )
        row.save()
        record(
            "policy:set", row, key=key, value=row.value, preset=preset or None, since=row.since.isoformat()
        )
    rulings.forget()
    return row


def adopt(
    community_id: int, manual: str, *, actor: Actor, reason: str = "", since: date | None = None
) -> list[str]:
    """Choose one manual's value for every key for which it has one; returns the keys that this changes."""
    _may(community_id, actor)
    changes = of_manual(community_id, manual, since)
    if not changes:
        raise Refused("policy.nothing", manual=manual)
    with frame(actor):
        for key in changes:
            set_policy(community_id, key, "", actor=actor, preset=manual, reason=reason, since=since)
    return list(changes)


def of_manual(community_id: int, manual: str, since: date | None = None) -> dict[str, str]:
    """The keys whose value another manual would change, with that value."""
    ask = rulings.asking(community_id, _moment(community_id, since))
    given = {
        key: seed.canonical(seed.presets[manual])
        for key, seed in book().policies.items()
        if manual in seed.presets
    }
    return {key: value for key, value in given.items() if ask.text(key) != value}


def begin(community_id: int, *, actor: Actor, since: date | None = None) -> Run:
    """Carry out the periodic clauses of the manuals from a day on: today is laid out at once."""
    _may(community_id, actor)
    today = clock.today(rulings.zone_of(community_id))
    if since is not None and since < today:
        raise Refused("run.since")
    with frame(actor):
        if Run.objects.select_for_update().filter(pk=community_id).exists():
            raise Refused("run.begun")
        row = Run(community_id=community_id, since=since or today)
        row.save(force_insert=True)
        record("run:begun", row, since=row.since.isoformat())
    rulings.forget()
    days.lay_out()
    return row


def _may(community_id: int, actor: Actor) -> None:
    if community_id not in actor.communities:
        raise NotFound("not_found")
    if not actor.may(RIGHT, community_id):
        raise NotAllowed("policy.right")


def checked(seed: PolicySeed, value: str, preset: str = "") -> str:
    """The canonical text of a value; refused aloud otherwise."""
    if preset:
        if preset not in seed.presets:
            raise Refused("policy.preset", key=preset)
        return seed.canonical(seed.presets[preset])
    if not value.strip():
        return ""
    try:
        text = seed.canonical(value)
    except ValueError as error:
        raise Refused("policy.value", value=value[:30], why=str(error)) from error
    if len(text) > 200 or (seed.kind == "span" and _endless(seed, text)):
        raise Refused("policy.value", value=value[:30], why="")
    return text


def _endless(seed: PolicySeed, text: str) -> bool:
    span = seed.read(text)
    return span is not None and (span.months > 120 or span.days > 3660)


def _since(community_id: int, key: str, since: date | None) -> datetime:
    """From when a new value counts: what is chosen last for a day holds on that day."""
    moment = _moment(community_id, since)
    taken = Policy.objects.filter(
        community_id=community_id, key=key, since__range=(moment, moment + timedelta(seconds=1))
    )
    last = taken.order_by("-since").values_list("since", flat=True).first()
    return last + timedelta(microseconds=1) if last else moment


def _moment(community_id: int, since: date | None) -> datetime:
    now = clock.now() + rulings.LEAD
    if since is None:
        return now
    zone = rulings.zone_of(community_id)
    if since < clock.today(zone):
        raise Refused("policy.since")
    return max(now, start_of_day(since, zone))
