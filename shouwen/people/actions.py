"""What may be done to staff, their grants, areas, skills and tokens: the only place that writes them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwen.estate.keys import name_keys
from shouwen.estate.models import Branch, Building, Community, Company
from shouwen.estate.saving import allow, fetch, put, save
from shouwen.kernel import clock, phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean_line, joined
from shouwen.people.holdings import held_by, pass_all_on
from shouwen.people.models import Area, Fallback, Grant, Post, SignIn, Skill, Staff, Token, Trade
from shouwen.people.rights import RIGHTS, holds
from shouwen.people.viewers import StaffActor

MANAGE = "staff.manage"
Place = Company | Branch | Community


def one_time_password() -> str:
    """Sixteen letters and digits that nobody confuses, to be changed at the first sign-in."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def add_staff(
    *, actor: Actor, username: str, name: str, post: str, place: Place, phone: str = "", email: str = "",
    password: str = "",
) -> tuple[Staff, str]:  # fmt: skip
    """A new account with its first grant; returns it with the one-time password to hand over."""
    password = password or one_time_password()
    with frame(actor):
        row = Staff(
            username=username.strip().lower(),
            name=clean_line(name),
            phone=_work_phone(phone),
            email=clean_line(email),
        )
        for key, value in name_keys(row.name).items():
            setattr(row, key, value)
        row.set_password(password)
        save(row)
        record("staff:added", row)
        _grant(row, post, place, actor)
    return row, password


def edit_staff(key: int, *, actor: Actor, name: str, phone: str, email: str | None = None) -> Staff:
    """Change a colleague's particulars; without an ``email`` the known one stays."""
    with frame(actor):
        row = colleague(key, actor)
        name = clean_line(name)
        phone = row.phone if clean_line(phone) == row.phone else _work_phone(phone)
        values = {"name": name, "phone": phone}
        fields = put(row, values if email is None else values | {"email": clean_line(email)})
        if fields:
            put(row, name_keys(name))
            save(row)
            record("staff:changed", row, fields=fields)
    return row


def _work_phone(text: str) -> str:
    try:
        return phones.work(text) if clean_line(text) else ""
    except ValueError as error:
        raise Refused("bad_work_phone", why=str(error)) from error


def set_own_email(*, actor: Actor, email: str) -> Staff:
    """Where one's own letters go."""
    with frame(actor):
        row = Staff.objects.select_for_update().filter(pk=actor.id or 0).get()
        if fields := put(row, {"email": clean_line(email)}):
            save(row)
            record("staff:changed", row, fields=fields)
    return row


def deactivate(key: int, *, actor: Actor, heirs: Mapping[int, int] = MappingProxyType({})) -> Staff:
    """Close an account: sessions and tokens end with it. A fallback owner is replaced first.

    ``heirs`` says by community who takes what the colleague holds there; without one for each it is refused.
    """
    with frame(actor):
        row = colleague(key, actor)
        if key == actor.id:
            raise Refused("own_post")
        named = Fallback.objects.filter(staff=row).select_related("community").first()
        if named:
            raise Refused("is_fallback", name=row.name, community=named.community.name)
        _holds_nothing(row, {c: words for c, words in held_by(row).items() if c not in heirs})
        for community, heir in heirs.items():
            hand_over(key, actor=actor, community_id=community, heir_id=heir)
        row.is_active = False
        save(row)
        end_sessions(row)
        for token in Token.objects.filter(staff=row, ended_at=None):
            _end_token(token)
        record("staff:left", row)
    return row


def hand_over(key: int, *, actor: Actor, community_id: int, heir_id: int) -> int:
    """Give all open matters that a colleague holds in a community to another, who may work on them; how many."""
    with frame(actor):
        row = colleague(key, actor)
        allow(actor, MANAGE, community_id)
        heir = _posted(heir_id, community_id)
        if heir == row:
            raise Refused("hand_over_to_self")
        count = pass_all_on(row, heir, community_id, actor)
        if count:
            record("staff:handed_over", row, heir=heir.pk, community=community_id, count=count)
    return count


def _posted(key: int, community_id: int) -> Staff:
    """Somebody active who holds a post in the community."""
    staff = Staff.objects.filter(pk=key).first()
    if staff is None:
        raise NotFound("not_found")
    if not staff.is_active:
        raise Refused("inactive", name=staff.name)
    if not Grant.objects.reaching([community_id]).filter(staff=staff).exists():
        raise Refused("not_here", name=staff.name)
    return staff


def _holds_nothing(row: Staff, held: Mapping[int, str]) -> None:
    """Refuse while somebody holds open matters, naming where and how many of what."""
    if held:
        names = dict(Community.objects.filter(pk__in=held).values_list("pk", "name"))
        what = _("；").join(f"{names.get(pk, '')} {words}" for pk, words in held.items())
        raise Refused("still_holds", name=row.name, what=what)


def reactivate(key: int, *, actor: Actor) -> Staff:
    with frame(actor):
        row = colleague(key, actor)
        row.is_active = True
        save(row)
        record("staff:returned", row)
    return row


def reset_password(key: int, *, actor: Actor) -> str:
    """A new one-time password, returned once; every session of that colleague ends."""
    password = one_time_password()
    with frame(actor):
        row = colleague(key, actor)
        row.set_password(password)
        row.must_change = True
        save(row)
        end_sessions(row)
        record("staff:password_reset", row)
    return password


def grant(staff_id: int, *, actor: Actor, post: str, place: Place) -> Grant:
    """Give a post in a place; nobody gives rights that they don't hold there themselves."""
    with frame(actor):
        row = Staff.objects.select_for_update().filter(pk=staff_id).first()
        if row is None or (actor.kind != "system" and not _known(row, actor)):
            raise NotFound("not_found")
        if staff_id == actor.id and actor.kind == "staff":
            raise Refused("own_post")
        return _grant(row, post, place, actor)


def revoke(key: int, *, actor: Actor) -> Staff:
    """Take a post back. The last one who manages the staff of a community stays."""
    with frame(actor):
        row = Grant.objects.visible_to(actor).filter(pk=key).select_related("staff", "post").first()
        if row is None:
            raise NotFound("not_found")
        if row.staff_id == actor.id and actor.kind == "staff":
            raise Refused("own_post")
        place = row.company or row.branch or row.community
        assert place
        _within(actor, row.post.rights, place)
        for here in communities_in(place):
            if MANAGE in row.post.rights and not _others_manage(here, row):
                raise Refused("last_manager")
        staff = row.staff
        record("staff:revoked", staff, grant=row.pk, **_where(row))
        row.delete()
        left = set(communities_in(place)) - set(StaffActor.of(staff).rights)
        _holds_nothing(staff, {pk: words for pk, words in held_by(staff).items() if pk in left})
    return staff


def set_skills(staff_id: int, *, actor: Actor, trades: Iterable[str]) -> Staff:
    """The trades that a colleague can be sent for."""
    with frame(actor):
        row = colleague(staff_id, actor)
        wanted = sorted(set(trades) & set(Trade.values))
        row.skills.exclude(trade__in=wanted).delete()
        known = set(row.skills.values_list("trade", flat=True))
        for trade in wanted:
            if trade not in known:
                save(Skill(staff=row, trade=trade))
        record("staff:skills", row, trades=",".join(wanted))
    return row


def set_areas(staff_id: int, *, actor: Actor, community_id: int, building_ids: Sequence[int]) -> Staff:
    """The buildings of a community that a colleague looks after (责任楼栋)."""
    with frame(actor):
        allow(actor, MANAGE, community_id)
        row = colleague(staff_id, actor)
        wanted = set(
            Building.objects.filter(community_id=community_id, pk__in=building_ids).values_list(
                "pk", flat=True
            )
        )
        held = {area.building_id: area for area in Area.objects.filter(staff=row, community_id=community_id)}
        for building, area in held.items():
            if building not in wanted:
                record("area:taken", area, staff=row.pk, building=building)
                area.delete()
        for building in sorted(wanted - set(held)):
            area = save(Area(community_id=community_id, staff=row, building_id=building))
            record("area:given", area, staff=row.pk, building=building)
    return row


def set_fallback(community_id: int, *, actor: Actor, staff_id: int) -> Fallback:
    """Name who owns what nobody else can: somebody active who holds a post in the community."""
    with frame(actor):
        allow(actor, MANAGE, community_id)
        staff = _posted(staff_id, community_id)
        row = Fallback.objects.select_for_update().filter(pk=community_id).first()
        previous = row.staff_id if row else None
        row = row or Fallback(community_id=community_id)
        row.staff = staff
        save(row)
        record("fallback:set", row, staff=staff.pk, previous=previous)
    return row


def issue_token(
    community_id: int, *, actor: Actor, staff_id: int, name: str, rights: Iterable[str]
) -> tuple[Token, str]:
    """A machine's key to one community. The secret is returned once; only its digest is kept."""
    secret = f"sw_{secrets.token_urlsafe(32)}"
    with frame(actor):
        allow(actor, MANAGE, community_id)
        wanted = sorted(set(rights))
        _known_rights(wanted)
        community = Community.objects.get(pk=community_id)
        _within(actor, wanted, community)
        staff = Staff.objects.filter(pk=staff_id, is_active=True).first()
        if staff is None or not StaffActor.of(staff).communities & {community_id}:
            raise Refused("token_staff")
        row = save(
            Token(
                community=community,
                staff=staff,
                name=clean_line(name),
                digest=token_digest(secret),
                rights=wanted,
                created_at=clock.now(),
            )
        )
        record("token:issued", row, staff=staff.pk, rights=",".join(wanted))
    return row, secret


def end_token(key: int, *, actor: Actor) -> Token:
    with frame(actor):
        row: Token = fetch(Token.objects, key, actor=actor, right=MANAGE)
        return _end_token(row)


def token_digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def end_sessions(staff: Staff, *, but: str = "") -> int:
    """Sign a colleague out everywhere, except in the session ``but``; inside a frame."""
    open_ones = SignIn.objects.filter(staff=staff, ended_at=None).exclude(session_key=but)
    ended = 0
    for row in open_ones:
        close_session(row)
        ended += 1
    return ended


def close_session(row: SignIn) -> None:
    """Make a browser's session worthless at once."""
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - an app of its own, loaded later

    Session.objects.filter(session_key=row.session_key).delete()
    row.ended_at = clock.now()
    save(row)


def communities_in(place: Place) -> list[int]:
    """The communities that a grant in this place reaches."""
    if isinstance(place, Community):
        return [place.pk]
    where = {"branch": place} if isinstance(place, Branch) else {"branch__company": place}
    return list(Community.objects.filter(**where).values_list("pk", flat=True))


def _grant(staff: Staff, post_code: str, place: Place, actor: Actor) -> Grant:
    post = Post.objects.filter(pk=post_code).first()
    if post is None:
        raise NotFound("not_found")
    if not post.active:
        raise Refused("post_off", name=post.name)
    here = communities_in(place)
    if actor.kind != "system":
        for community in here or [0]:
            allow(actor, MANAGE, community)
    _within(actor, post.rights, place)
    kind = type(place).__name__.lower()
    row = save(Grant(staff=staff, post=post, **{kind: place}))
    record("staff:granted", staff, grant=row.pk, **_where(row))
    return row


def _where(row: Grant) -> dict[str, Any]:
    return {
        "post": row.post_id,
        "company": row.company_id,
        "branch": row.branch_id,
        "community": row.community_id,
    }


def _within(actor: Actor, rights: Iterable[str], place: Place) -> None:
    """Refuse what goes beyond the actor's own rights anywhere in the place."""
    if actor.kind == "system":
        return
    here = communities_in(place)
    missing = sorted(r for r in rights if not here or not all(holds(actor, r, c) for c in here))
    if missing:
        raise NotAllowed("beyond_own_rights", rights=joined(str(RIGHTS.get(r, r)) for r in missing))


def colleague(key: int, actor: Actor) -> Staff:
    """The locked account of a colleague whom the actor may manage: in all their places, with no more rights."""
    row = Staff.objects.select_for_update().filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    if actor.kind == "system":
        return row
    if not _known(row, actor):
        raise NotFound("not_found")
    theirs = StaffActor.of(row)
    if not any(actor.may(MANAGE, c) for c in theirs.communities or actor.communities):
        raise NotAllowed("right_missing")
    if any(not holds(actor, r, c) for c, rights in theirs.rights.items() for r in rights):
        raise NotAllowed("stronger_colleague")
    return row


def _known(row: Staff, actor: Actor) -> bool:
    """Colleagues with a grant where the actor has one; somebody without any grant is known to every manager."""
    if not row.grants.exists():
        return bool(actor.where(MANAGE))
    return Staff.objects.visible_to(actor).filter(pk=row.pk).exists()


def _others_manage(community_id: int, but: Grant) -> bool:
    rest = Grant.objects.reaching([community_id]).filter(
        post__rights__contains=[MANAGE], staff__is_active=True
    )
    return rest.filter(~Q(pk=but.pk)).exists()


def _end_token(row: Token) -> Token:
    if row.ended_at is None:
        row.ended_at = clock.now()
        save(row)
        record("token:ended", row)
    return row


def _known_rights(rights: Iterable[str]) -> None:
    for right in rights:
        if right not in RIGHTS:
            raise Refused("unknown_right", right=right)
