"""What may be done to posts: their names, superiors and rights, which hold wherever the post is granted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from shouwen.estate.models import Community
from shouwen.estate.saving import save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean_line, joined
from shouwen.people.actions import MANAGE
from shouwen.people.models import Department, Grant, Post
from shouwen.people.rights import RIGHTS, holds


def add_post(
    *, actor: Actor, code: str, name: str, reports_to: str | None, rights: Iterable[str],
    department: str = "",
) -> Post:  # fmt: skip
    """A post that the manuals don't have. It gives nothing that its author lacks somewhere they manage.

    Without a department it stands in that of the post above it.
    """
    with frame(actor):
        wanted = _checked(rights)
        _may_change(actor, wanted, list(actor.where(MANAGE)) or [0])
        row = Post(code=code, name=clean_line(name), reports_to_id=reports_to or None, rights=wanted)
        row.department = _department(department, reports_to)
        row.clean_fields()
        row.save(force_insert=True)
        record("post:added", row)
    return row


def edit_post(
    code: str, *, actor: Actor, name: str, reports_to: str | None, rights: Iterable[str], totp: bool,
    department: str | None = None, active: bool = True,
) -> Post:  # fmt: skip
    """Change a post. What is added must be held by the actor wherever the post is granted.

    One that nobody holds can be switched off: it is no choice any more until it is switched on again.
    """
    with frame(actor):
        row = Post.objects.select_for_update().filter(pk=code).first()
        if row is None:
            raise NotFound("not_found")
        wanted = _checked(rights)
        added, removed = sorted(set(wanted) - set(row.rights)), sorted(set(row.rights) - set(wanted))
        here = communities_of(code) or sorted(actor.where(MANAGE)) or [0]
        _may_change(actor, [*added, *removed], here)
        if not active:
            _nobodys(row)
        if MANAGE in removed:
            _keep_managers(code, here)
        _no_circle(code, reports_to)
        values = {
            "name": clean_line(name), "reports_to_id": reports_to or None, "totp": totp, "active": active,
            "department": row.department if department is None else _department(department, reports_to),
        }  # fmt: skip
        fields = [field for field, value in values.items() if getattr(row, field) != value]
        for field, value in values.items():
            setattr(row, field, value)
        row.rights = wanted
        save(row)
        if fields or added or removed:
            record(
                "post:changed",
                row,
                added=",".join(added),
                removed=",".join(removed),
                fields=",".join(fields),
            )
    return row


def keep_on(codes: Collection[str], *, actor: Actor) -> None:
    """Switch off every post but these and those that somebody holds."""
    with frame(actor):
        rows = list(Post.objects.filter(active=True, grants=None).exclude(pk__in=codes))
        Post.objects.filter(pk__in=[row.pk for row in rows]).update(active=False)
        for row in rows:
            record("post:changed", row, added="", removed="", fields="active")


def _nobodys(row: Post) -> None:
    held = Grant.objects.filter(post=row, staff__is_active=True).order_by("staff__pinyin")
    if names := list(dict.fromkeys(held.values_list("staff__name", flat=True)))[:5]:
        raise Refused("post_held", names=joined(names))


def _department(wanted: str, reports_to: str | None) -> str:
    above = Post.objects.filter(pk=reports_to).values_list("department", flat=True).first()
    return wanted or above or Department.OTHER


def communities_of(code: str) -> list[int]:
    """Where somebody holds the post."""
    grants = Grant.objects.filter(post_id=code)
    reached: set[int] = set(grants.filter(community__isnull=False).values_list("community_id", flat=True))
    reached |= set(Community.objects.filter(branch__grant__in=grants).values_list("pk", flat=True))
    reached |= set(Community.objects.filter(branch__company__grant__in=grants).values_list("pk", flat=True))
    return sorted(reached)


def _checked(rights: Iterable[str]) -> list[str]:
    wanted = set(rights)
    for right in wanted - set(RIGHTS):
        raise Refused("unknown_right", right=right)
    return [right for right in RIGHTS if right in wanted]


def _may_change(actor: Actor, rights: Sequence[str], here: Sequence[int]) -> None:
    if actor.kind == "system":
        return
    if not all(actor.may(MANAGE, c) for c in here):
        raise NotAllowed("right_missing")
    missing = [right for right in rights if not all(holds(actor, right, c) for c in here)]
    if missing:
        raise NotAllowed("beyond_own_rights", rights=joined(str(RIGHTS[right]) for right in missing))


def _keep_managers(code: str, here: Sequence[int]) -> None:
    for community in here:
        others = Grant.objects.reaching([community]).filter(
            post__rights__contains=[MANAGE], staff__is_active=True
        )
        if not others.exclude(post_id=code).exists():
            raise Refused("last_manager")


def _no_circle(code: str, reports_to: str | None) -> None:
    above: dict[str, str | None] = dict(Post.objects.values_list("code", "reports_to_id"))
    above[code] = reports_to or None
    seen, at = set(), reports_to or None
    while at:
        if at == code or at in seen:
            raise Refused("post_circle")
        seen.add(at)
        at = above.get(at)
