"""The door for what a telephone kept in its pocket while it had no line.

Each action comes alone, under a key of its own, until it was acknowledged: it is done once, in the order in which it
was made, and is told as having happened when it was made. Answers are JSON. See ``docs/offline.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwen.front.doors import POCKET, differences, staff_door, viewer
from shouwen.front.moves import fetch_order, looked_at, press
from shouwen.kernel import clock, files
from shouwen.kernel.doors import MoveForm
from shouwen.kernel.journal import frame
from shouwen.kernel.models import Entry
from shouwen.kernel.once import known, once
from shouwen.kernel.refusals import Busy, NotFound, Refused, Stale
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS
from shouwen.works.models import Order

PHOTO, NO_VERSION = "photo", "0"
MOVES = frozenset(m.name for m in ORDER.moves if m.right == "order.work")
OLDEST = timedelta(days=7)
"""Beyond this a telephone is not believed: what it sends counts as made when it arrives."""
_NO_MEANING = frozenset({"csrfmiddlewaretoken", "version", "next", "once", "made", "sent", "skew"})


class OtherAccount(Refused):
    """The pocket of one technician, the session of another: nothing is done."""

    status = 409


@require_POST
@staff_door("order.work")
def pocket(request: HttpRequest, key: UUID, name: str) -> JsonResponse:
    """One action from the pocket: a move of the order, or photos. ``once``, ``made`` and ``sent`` are always given."""
    me = viewer(request)
    if request.headers.get(POCKET, str(me.id)) != str(me.id):
        raise OtherAccount("pocket.other_account")
    if name != PHOTO and name not in MOVES:
        raise NotFound("not_found")
    act = Act(request, me, key, name)
    try:
        return JsonResponse(act.done() or act.do())
    except Busy:
        raise
    except Refused as refusal:
        # Whoever sent it twice at the same moment was refused by their own first try: that one counts.
        return JsonResponse(act.done() or act.refused(refusal), status=200 if act.subject else refusal.status)


class Act:
    """One action on its way in. ``subject`` is the version of the order after it, once it is done."""

    def __init__(self, request: HttpRequest, me: StaffActor, key: UUID, name: str) -> None:
        self.request, self.me, self.key, self.name = request, me, key, name
        self.mark = request.POST.get("once", "")[:64]
        self.operation = f"pocket.{name}:{key}"
        self.subject = ""
        self.form: MoveForm | None = None
        self.faults: dict[str, str] = {}

    @property
    def body(self) -> dict[str, Any]:
        """What the action means: the same in every try."""
        typed = {k: v for k, v in self.request.POST.items() if k not in _NO_MEANING}
        sizes = [one.size for _name, some in self.request.FILES.lists() for one in some]
        return typed | {"": sizes}

    def done(self) -> dict[str, Any] | None:
        """The acknowledgement, if it was done before."""
        if self.mark:
            self.subject = known(self.me, self.operation, self.mark, self.body) or ""
        return self.acknowledged() if self.subject else None

    def do(self) -> dict[str, Any]:
        order = fetch_order(self.request, self.key)
        if not self.mark:
            raise Refused("pocket.no_key")
        with clock.happening_at(self._made(order)):
            act = self._photos(order) if self.name == PHOTO else self._move(order)
            self.subject, _again = once(self.me, self.operation, self.mark, self.body, act)
        return self.acknowledged()

    def acknowledged(self) -> dict[str, Any]:
        """What it left: the version of the order after a move, or how many photos of its stage there are now."""
        told = {"once": self.mark, "version": int(self.subject), "count": 0, "now": _ms(clock.now())}
        if self.name == PHOTO and (order := self._now()):
            stage = self.request.POST.get("stage", "")
            told["count"] = order.case.photos.filter(stage=stage, at__gte=order.opened_at).count()
        return told

    def _photos(self, order: Order) -> Callable[[], str]:
        try:
            prepared = looked_at(self.request.FILES.getlist("photos"))
        except files.BadFile as bad:
            raise _Unfit("pocket.unfit", why=str(bad)) from bad
        if not prepared:
            raise Refused("pocket.no_photo")

        def act() -> str:
            with frame(self.me):
                kept = [files.keep(p, actor=self.me, community_id=order.community_id).pk for p in prepared]
                works.photograph(order, kept, actor=self.me, stage=self.request.POST.get("stage", ""))
            return NO_VERSION

        return act

    def _move(self, order: Order) -> Callable[[], str]:
        if no := ORDER.refusal(ORDER[self.name], order, self.me):
            raise no
        self.form = FORMS[self.name](self.request.POST, self.request.FILES, row=order, actor=self.me)
        if not self.form.is_valid():
            self.faults = {field: str(faults[0]) for field, faults in self.form.errors.items()}
            raise _Unfit("pocket.unfit", why=next(iter(self.faults.values())))
        try:
            pressed = press(ORDER, self.name, order, self.form)
        except files.BadFile as bad:
            raise _Unfit("pocket.unfit", why=str(bad)) from bad
        return lambda: str(pressed().version)

    def _made(self, order: Order) -> datetime:
        """When it was made, by our clock. What the telephone's clock is off by cancels out: it tells both moments.

        A clock that was set in between is noticed by what it was off by before (``skew``), and the later moment counts.
        Never later than now, never before the order's last step, never older than a week.
        """
        now, sent, made, skew = clock.now(), self._ms("sent"), self._ms("made"), self._ms("skew")
        if sent is None or made is None:
            return now
        guesses = [now - _span(sent - made), *([_moment(made + skew)] if skew is not None else [])]
        moment = min(now, max(guesses))
        if now - moment > OLDEST:
            return now
        before = Entry.objects.filter(subject_kind="order", subject_id=str(order.pk)).aggregate(at=Max("at"))
        return max(moment, before["at"] or moment)

    def _ms(self, field: str) -> int | None:
        """Milliseconds since 1970, as telephones count; what no clock can show is left out."""
        text = self.request.POST.get(field, "")
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 15 else None

    def refused(self, refusal: Refused) -> dict[str, Any]:
        """Why not, what was typed beside what stands now, and the version to try again on."""
        order = refusal.row if isinstance(refusal, Stale) else self._now()
        told: dict[str, Any] = {"code": refusal.code, "sentence": str(refusal), "faults": self.faults}
        if order is not None:
            typed = {k: str(v) for k, v in self.request.POST.items() if k not in _NO_MEANING and v}
            form = self.form or (FORMS[self.name](row=order, actor=self.me) if self.name in FORMS else None)
            rows = differences(order, typed, form)
            told |= {
                "version": order.version,
                "state": order.get_state_display(),
                "technician": order.technician.name if order.technician else _("还没有人"),
                "versions": [[one.label, one.mine, one.theirs, one.differs] for one in rows],
            }
        return told

    def _now(self) -> Order | None:
        try:
            return fetch_order(self.request, self.key)
        except NotFound:
            return None


class _Unfit(Refused):
    """What was typed or taken does not do; the sentence says why."""


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _span(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=max(0, min(milliseconds, 10**11)))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(max(0, min(milliseconds, 10**13)) / 1000, UTC)
