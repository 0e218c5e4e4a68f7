"""Reporting in three presses: what it is, a look at the likely answers, send. Plain form posts all the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.cache import cache
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from shouwen.cases.answers import likely
from shouwen.cases.intake import Intake, register
from shouwen.cases.merging.similar import Likeness, similar
from shouwen.cases.models import Case, Category, Kind, KnownAnswer
from shouwen.cases.recognise import other, suggest
from shouwen.estate.models import Space
from shouwen.kernel import clock, files, limits, phones
from shouwen.kernel.doors import Moment
from shouwen.kernel.models import StoredFile
from shouwen.kernel.once import once
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean, clean_line
from shouwen.people import who
from shouwen.portal.doors import Answer, Here, done, page, resident_door

TITLE = 40
A_DAY = (10, timedelta(days=1))
CHIPS, COUNTED = 5, 600
PARTS = ((9, 12), (14, 18), (18, 21))
"""The hours of morning, afternoon and evening."""
AT_HOME, ELSEWHERE = "home", "other"


class WhatForm(forms.Form):
    """The first press: words, or a chip, or a picture; one of them is enough."""

    kind = forms.ChoiceField(choices=Kind.choices)
    text = forms.CharField(required=False, max_length=limits.NOTE, widget=forms.Textarea)
    category = forms.CharField(required=False, max_length=40)

    def __init__(self, *args: Any, pictures: int, categories: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pictures, self.categories = pictures, categories

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["text"] = clean(typed.get("text") or "")
        known = {c.code for c in self.categories if c.kind == typed.get("kind")}
        typed["category"] = typed.get("category") if typed.get("category") in known else ""
        if not (typed["text"] or typed["category"] or self.pictures):
            self.add_error("text", _("写一句话、点一个词，或拍张照片，选一样就行。"))
        return typed


class WhereForm(forms.Form):
    """The last press: where, when, and whom to call. All of it has an answer already."""

    place = forms.CharField(max_length=40)
    place_words = forms.CharField(required=False, max_length=80)
    when = forms.CharField(required=False, max_length=80)
    phone = forms.CharField(required=False, max_length=30)

    def clean_phone(self) -> str:
        typed = clean_line(self.cleaned_data["phone"])
        try:
            return phones.normalise(typed) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_when(self) -> tuple[datetime | None, datetime | None]:
        """The beginning, and the end of a part of a day: ``begin/end``, each ISO 8601."""
        begins, _mark, ends = self.cleaned_data["when"].partition("/")
        if not begins:
            return None, None
        read = Moment(required=False).to_python
        moment, until, now = read(begins), read(ends), clock.now()
        if moment is None or not now - timedelta(hours=1) < moment < now + timedelta(days=30):
            raise forms.ValidationError(_now("约的时间要在今后 30 天内。"))
        return moment, until


@dataclass(frozen=True)
class Draft:
    """What the first press said, as it goes along to the last one."""

    kind: str
    text: str
    category: str
    kept: tuple[UUID, ...]

    @property
    def title(self) -> str:
        """The first line, or the name of the chip, or that there is a picture."""
        first = clean_line(self.text.split("\n")[0])
        return first[:TITLE] or self.named or _now("照片里的问题")

    @property
    def named(self) -> str:
        found = Category.objects.filter(pk=self.category).values_list("name", flat=True).first()
        return str(found or "")

    @property
    def words(self) -> str:
        return self.text if clean_line(self.text) != self.title else ""


def chips(community_id: int) -> list[Category]:
    """The kinds of repair that this community reports most, as one-press words."""
    counted = cache.get_or_set(f"portal.chips:{community_id}", lambda: _reported(community_id), COUNTED) or {}
    found = [c for c in Category.objects.filter(kind=Kind.REPAIR, active=True) if c.words]
    return sorted(found, key=lambda c: (-counted.get(c.pk, 0), c.sort, c.code))[:CHIPS]


def _reported(community_id: int) -> dict[str, int]:
    """How many repairs of each category in 90 days. It reads them all, so a process asks once in ten minutes."""
    lately = Case.objects.filter(
        community_id=community_id, kind=Kind.REPAIR, opened_at__gte=clock.now() - timedelta(days=90)
    )
    return dict(lately.values_list("category").annotate(n=Count("pk")).values_list("category", "n"))


@require_http_methods(["GET", "POST"])
@resident_door
def report(request: HttpRequest, here: Here) -> Answer:
    """GET: what is it? First POST: the likely answers, where and when. POST with ``send``: it is registered."""
    if request.method == "GET":
        return _blank(request, here)
    uploads, categories = request.FILES.getlist("photos"), list(Category.objects.filter(active=True))
    kept = _kept(request, here)
    form = WhatForm(request.POST, pictures=len(uploads) + len(kept), categories=categories)
    if form.is_valid():
        try:
            draft = _draft(form, here, kept, uploads, categories)
        except files.BadFile as error:
            form.add_error(None, str(error))
        else:
            return _send_or_look(request, here, draft)
    kind = request.POST.get("kind", "")
    context = what(here, kind if kind in Kind.values else Kind.REPAIR) | {"form": form, "typed": request.POST}
    return page(request, "report.html", context, here, status=422)


def _blank(request: HttpRequest, here: Here) -> Answer:
    """The empty form; with ``?again=`` a matter that was done together with another household's, and here not."""
    asked, kind = _uuid(request.GET.get("again", "")), request.GET.get("kind", "")
    merged = (
        Case.objects.visible_to(here.actor).filter(pk=asked or UUID(int=0), merged_into__isnull=False).first()
    )
    context = what(here, merged.kind if merged else kind if kind in Kind.values else Kind.REPAIR)
    if merged:
        told = {"number": merged.number, "title": merged.title}
        context["typed"] = {
            "text": _now("%(title)s。%(number)s 办好了，我家还没好") % told,
            "category": merged.category_id,
        }
    return page(request, "report.html", context, here)


def what(here: Here, kind: str) -> dict[str, Any]:
    """What the first form needs, on its own page and at the foot of the first one."""
    return {
        "kind": kind,
        "kinds": [(k.value, k.label) for k in Kind],
        "chips": chips(here.community.pk) if kind == Kind.REPAIR else (),
        "most": limits.FILES_AT_ONCE,
        "max_mb": limits.FILE_BYTES // 2**20,
    }


def _kept(request: HttpRequest, here: Here) -> tuple[UUID, ...]:
    """Pictures of the first press that came along: only those that this person sent."""
    typed = [t for t in request.POST.getlist("kept") if len(t) <= 36][: limits.FILES_AT_ONCE]
    wanted = {u for t in typed if (u := _uuid(t))}
    mine = StoredFile.objects.filter(
        pk__in=wanted, community_id=here.community.pk, created_by_kind="resident", created_by_id=here.actor.id
    )
    return tuple(mine.order_by("pk").values_list("pk", flat=True))


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _draft(
    form: WhatForm, here: Here, kept: tuple[UUID, ...], uploads: Sequence[Any], categories: Sequence[Category]
) -> Draft:
    if len(uploads) + len(kept) > limits.FILES_AT_ONCE:
        raise files.BadFile("too-many", _now("一次最多 %s 张照片") % limits.FILES_AT_ONCE)
    prepared = [files.prepare(upload, frozenset({files.IMAGE})) for upload in uploads]
    new = [files.keep(p, actor=here.actor, community_id=here.community.pk).pk for p in prepared]
    typed = form.cleaned_data
    return Draft(typed["kind"], typed["text"], typed["category"] or guessed(typed, categories), (*kept, *new))


def guessed(typed: dict[str, Any], categories: Iterable[Category]) -> str:
    """The category whose words are heard, else the catch-all of the kind."""
    mine = [c for c in categories if c.kind == typed["kind"]]
    guess = suggest(typed["text"], mine)
    found = guess.category if guess else other(typed["kind"], mine)
    return found.code if found else ""


def _send_or_look(request: HttpRequest, here: Here, draft: Draft) -> Answer:
    send = "send" in request.POST
    form = WhereForm(request.POST if send else None)
    if send and form.is_valid():
        try:
            return _registered(request, here, draft, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return page(request, "check.html", _check(request, here, draft, form), here, status=422 if send else 200)


def _check(request: HttpRequest, here: Here, draft: Draft, form: WhereForm) -> dict[str, Any]:
    """The second page: answers that may do, what is already being done, where and when."""
    answers = KnownAnswer.objects.filter(community=here.community, active=True).order_by("pk")
    own = here.person.contacts.order_by("-primary", "id").first()
    place = request.POST.get("place") or (AT_HOME if draft.kind == Kind.REPAIR else "")
    return {
        "draft": draft,
        "form": form,
        "answers": likely(f"{draft.text}\n{draft.named}", draft.category, answers),
        "same": similar(here.actor, _likeness(here, draft)),
        "spaces": Space.objects.filter(community=here.community).order_by("name")[:40],
        "place": place or AT_HOME,
        "times": times(),
        "when": request.POST.get("when", ""),
        "phone": own.masked if own else "",
        "key": request.POST.get("key") or uuid4().hex,
        "typed": request.POST,
    }


def _likeness(here: Here, draft: Draft) -> Likeness:
    return Likeness(here.community.pk, draft.kind, draft.category, draft.text, here.unit.pk)


def times() -> list[tuple[str, str]]:
    """When somebody may be at home: parts of today, of tomorrow, of the day after; each with its hours."""
    now = clock.local(clock.now())
    days = (
        (_now("今天上午"), _now("今天下午"), _now("今天晚上")),
        (_now("明天上午"), _now("明天下午"), _now("明天晚上")),
        (_now("后天上午"), _now("后天下午"), _now("后天晚上")),
    )
    found = []
    for ahead, parts in enumerate(days):
        for (start, end), part in zip(PARTS, parts, strict=True):
            day = now.date() + timedelta(days=ahead)
            begins, ends = clock.at(day, time(start)), clock.at(day, time(end))
            if begins > now + timedelta(minutes=30):
                words = _now("%(part)s %(from)d–%(to)d 点") % {"part": part, "from": start, "to": end}
                found.append((f"{begins.isoformat()}/{ends.isoformat()}", words))
    return found[:6]


def _registered(request: HttpRequest, here: Here, draft: Draft, typed: dict[str, Any]) -> Answer:
    """Register once, however often the button is pressed, and show the matter."""
    limit, per = A_DAY
    if not limits.hit(f"home-report:{here.person.pk}", limit, per):
        raise Refused("portal.too_many")
    unit, space, words = _place(here, typed)
    intake = Intake(
        community_id=here.community.pk, kind=draft.kind, category=draft.category, title=draft.title, words=draft.words,
        unit_id=unit, space_id=space, place=words, person_id=here.person.pk, asker=here.person.name, phone=typed["phone"],
        channel=Case.Channel.PORTAL, preferred_at=typed["when"][0], preferred_until=typed["when"][1], photos=draft.kept,
        first_responder_id=first_responder(here.community.pk),
    )  # fmt: skip
    body = {k: v for k, v in request.POST.items() if k not in ("csrfmiddlewaretoken", "key")}
    key, _again = once(
        here.actor,
        "report",
        request.POST.get("key", ""),
        body,
        lambda: str(register(intake, actor=here.actor).pk),
    )
    return done(reverse("portal:matter", args=[key]), "reported")


def _place(here: Here, typed: dict[str, Any]) -> tuple[int | None, int | None, str]:
    """Home, a public area by its key, or a place in words."""
    place = typed["place"]
    if place == AT_HOME:
        return here.unit.pk, None, ""
    if place == ELSEWHERE:
        return None, None, clean_line(typed["place_words"])
    found = (
        Space.objects.filter(community=here.community, pk=int(place))
        if place.isdecimal()
        else Space.objects.none()
    )
    if not found.exists():
        raise Refused("case.place")
    return None, int(place), ""


def first_responder(community_id: int) -> int:
    """Who is asked first when a telephone asks: at the desk whoever has fewest open matters, else the fallback owner."""
    desk = who.at_the_desk(community_id)
    open_now = Case.objects.open().filter(community_id=community_id, first_responder__in=desk)
    load = dict(
        open_now.values_list("first_responder").annotate(n=Count("pk")).values_list("first_responder", "n")
    )
    return min(desk, key=lambda s: (load.get(s, 0), s)) if desk else who.fallback_of(community_id)
