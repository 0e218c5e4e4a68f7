"""Taking a request at the desk or on the telephone: find the home, then write down what it is about."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from shouwen.cases.forms import AgreedForm, colleague_choices
from shouwen.cases.hearing.danger import danger
from shouwen.cases.intake import Intake, register
from shouwen.cases.merging.actions import merge
from shouwen.cases.merging.similar import Likeness, similar
from shouwen.cases.models import Case, Category, Kind
from shouwen.cases.recognise import other, suggest
from shouwen.front import caseview, look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.households import panel
from shouwen.front.intake_places import CHOSEN, Place, address, kinds_of, pick
from shouwen.kernel import files, limits, phones
from shouwen.kernel.doors import Moment, Words
from shouwen.kernel.models import StoredFile
from shouwen.kernel.once import once
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.people import drafts


class IntakeForm(AgreedForm):
    """What the desk writes down. The place is chosen before, by search."""

    channel = forms.ChoiceField(label=_("来源"), choices=Case.Channel.choices[:2], initial=Case.Channel.DESK)
    category = forms.ChoiceField(
        label=_("分类"), required=False, help_text=_("不选就按一句话和原话里的词识别；紧急的分类会标为紧急。")
    )
    title = forms.CharField(
        label=_("一句话"), max_length=120, widget=forms.TextInput(attrs={"autofocus": True})
    )
    words = Words(label=_("原话"), required=False, max_length=limits.TEXT)
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    place = forms.CharField(label=_("地点"), required=False, max_length=80)
    asker = forms.CharField(label=_("来人"), required=False, max_length=60)
    phone = forms.CharField(label=_("回电号码"), required=False, max_length=30)
    happened_at = Moment(
        label=_("发生时间（补录）"),
        required=False,
        help_text=_("停电断网时写在纸上的，填当时的时间；要另一个人确认。"),
    )
    about_id = forms.TypedChoiceField(
        label=_("被投诉的员工"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("选了之后，这个人看不到这件投诉。"),
    )

    def __init__(self, *args: Any, kind: str, community_id: int, has_place: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["preferred_at"].required = False
        self.kind, self.categories = kind, list(Category.objects.filter(kind=kind, active=True))
        pressing = _now("%s（紧急）")
        named = [(c.code, pressing % str(c) if c.urgent else str(c)) for c in self.categories]
        self.fields["category"].choices = [("", _now("按内容识别")), *named]  # type: ignore[attr-defined]
        self.aside: list[str] = []
        if kind == Kind.COMPLAINT:
            people = colleague_choices(community_id)
            self.fields["about_id"].choices = [("", _now("没有指明")), *people]  # type: ignore[attr-defined]
        else:
            self._put_aside("about_id")
        if has_place:
            self._put_aside("place")
        else:
            self.fields["place"].required = True
            self.fields["place"].error_messages["required"] = str(Refused("case.place"))

    def _put_aside(self, name: str) -> None:
        """Not asked of this kind or place, and kept as typed for when it is another one again."""
        self.aside.append(name)
        self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Without a chosen category: the one whose words occur, else the catch-all of the kind."""
        typed = super().clean() or {}
        if not typed.get("category") and "category" not in self.errors:
            guess = suggest(f"{typed.get('title', '')}\n{typed.get('words', '')}", self.categories)
            found = guess.category if guess else other(self.kind, self.categories)
            typed["category"] = found.code if found else ""
        return {name: value for name, value in typed.items() if name not in self.aside}

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return ""
        try:
            return phones.normalise(self.cleaned_data["phone"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_happened_at(self) -> datetime | None:
        return self.cleaned_data["happened_at"] or None


@require_http_methods(["GET", "POST"])
@staff_door("case.register")
def intake(request: HttpRequest) -> HttpResponse:
    """First the home, then the matter. A second press of the same form finds the case of the first.

    A press on another kind, or for another home (``switch``), draws that form with all that was typed so far.
    """
    kind = request.GET.get("kind") or Kind.REPAIR
    if kind not in Kind.values:
        raise NotFound("not_found")
    place = Place.by(request)
    kept, wrong = _photos(request)
    if not place.picked:
        if wrong:
            messages.warning(request, wrong)
        return page(request, "front/intake.html", pick(request, kind, kept))
    switched = "switch" in request.POST
    form = IntakeForm(
        request.POST if request.method == "POST" and not switched else None,
        kind=kind,
        community_id=community(request).pk,
        has_place=place.unit is not None or place.space is not None,
        initial={"asker": place.asker.name if place.asker else ""}
        | (request.POST.dict() if switched else {}),
    )
    if form.is_bound and wrong:
        form.add_error(None, wrong)
    if form.is_bound and form.is_valid():
        try:
            return _registered(request, kind, place, form, kept)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    status = 422 if form.is_bound else 200
    return page(
        request, "front/intake.html", _fill(request, kind, place, form) | {"kept": kept}, status=status
    )


def _fill(request: HttpRequest, kind: str, place: Place, form: IntakeForm) -> dict[str, Any]:
    me = viewer(request)
    return {
        "kinds": kinds_of(request, kind),
        "picked": True,
        "place_words": place.words,
        "change_url": address(kind, was=_chosen(request)),
        "caller": look.Resident(place.person.name, "") if place.person else None,
        "household": panel(place.unit, me, calling=place.person.pk if place.person else None)
        if place.unit
        else None,
        "form": form,
        "fieldsets": _fieldsets(form),
        "duplicates": _duplicates(request, kind, place, form),
        "joins": me.may("case.cancel", community(request).pk),
        "danger": _danger(request),
        "duplicates_url": request.get_full_path(),
        "key": request.POST.get("key") or uuid4().hex,
        "draft": _draft_of(request),
        "back_entry": bool(form.data.get("happened_at")),
        "typed": request.method == "POST",
        "cancel_url": reverse("home"),
    }


def _chosen(request: HttpRequest) -> str:
    """The place as the address has it."""
    return urlencode({k: str(v) for k, v in request.GET.items() if k in CHOSEN})


def _draft_of(request: HttpRequest) -> str:
    """The key of what is typed here: another home is another form, another kind is the same words."""
    return f"intake-{community(request).pk}-{_chosen(request)}"[:500]


def _fieldsets(form: IntakeForm) -> tuple[tuple[str, tuple[forms.BoundField, ...]], ...]:
    groups = (
        (_now("什么事"), ("category", "title", "words", "urgent", "place", "about_id")),
        (_now("谁"), ("channel", "asker", "phone")),
        (_now("什么时候"), ("preferred_at", "preferred_until", "happened_at")),
    )
    return tuple((title, tuple(form[n] for n in names if n not in form.aside)) for title, names in groups)


def _danger(request: HttpRequest) -> str:
    """A word of danger that was typed while nobody marked the matter as urgent: said before it is registered."""
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    said = danger(f"{asked.get('title', '')}\n{asked.get('words', '')}")
    return said[0] if said and not asked.get("urgent") else ""


def _duplicates(request: HttpRequest, kind: str, place: Place, form: IntakeForm) -> tuple[look.Row, ...]:
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    guess = suggest(f"{asked.get('title', '')}\n{asked.get('words', '')}", form.categories)
    category = asked.get("category") or (guess.category.code if guess else "")
    text = f"{asked.get('title', '')}\n{asked.get('words', '')}"
    unit, space = place.unit.pk if place.unit else None, place.space.pk if place.space else None
    like = Likeness(community(request).pk, kind, category, text, unit, space)
    found = similar(viewer(request), like) if category or text.strip() else []
    return tuple(caseview.row(c, None, url=reverse("case", args=[c.pk])) for c in found)


def _registered(
    request: HttpRequest, kind: str, place: Place, form: IntakeForm, kept: tuple[look.Kept, ...]
) -> HttpResponse:
    """Register once, and open the case beside the list."""
    me, here = viewer(request), community(request).pk
    typed = form.cleaned_data
    intake_ = Intake(
        community_id=here,
        kind=kind,
        unit_id=place.unit.pk if place.unit else None,
        space_id=place.space.pk if place.space else None,
        person_id=place.person_id(typed["asker"]),
        photos=tuple(UUID(one.id) for one in kept),
        **typed,
    )
    body = {k: v for k, v in request.POST.items() if k not in ("csrfmiddlewaretoken", "key", "join")}
    key, again = once(
        me, "intake", request.POST.get("key", ""), body, lambda: str(register(intake_, actor=me).pk)
    )
    drafts.drop(me.id, [_draft_of(request)])
    case = Case.objects.get(pk=key)
    sentence = (
        _now("%(place)s 上一次提交已经登记了，单号 %(number)s，没有再登一遍")
        if again
        else _now("%(place)s 已登记，单号 %(number)s，你是首问责任人")
    ) % {"place": case.place, "number": case.number}
    if joined := _joined(request, case):
        return joined
    if not Case.objects.visible_to(me).filter(pk=case.pk).exists():
        return done(request, reverse("home"), _out_of_sight(case, me.id))
    queue = "pool" if kind == Kind.REPAIR else "received"
    return done(request, f"{reverse('desk', args=[queue])}?case={key}", sentence)


def _out_of_sight(case: Case, staff_id: int) -> str:
    """Whoever takes a complaint need not be one who may read it, least of all where it is about them."""
    words = {"number": case.number, "place": case.place}
    if case.about_id == staff_id:
        return _now("%(place)s 已登记，单号 %(number)s。投诉的是你，所以你看不到它，由别的同事来办") % words
    return _now("%(place)s 已登记，单号 %(number)s。你没有看投诉的权限，由看得到的同事来办") % words


def _joined(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Asked to join another matter: the one that goes on, or the case itself with the sentence that forbids it."""
    if not (wanted := request.POST.get("join", "")):
        return None
    try:
        into = UUID(wanted)
        if case.merged_into_id is None:
            case = merge(case.pk, actor=viewer(request), into=into)
    except (ValueError, Refused) as no:
        why = str(no) if isinstance(no, Refused) else ""
        messages.warning(
            request, _now("%(number)s 已登记，没有并入：%(why)s") % {"number": case.number, "why": why}
        )
        return done(request, reverse("case", args=[case.pk]))
    kept = case.merged_into or case
    sentence = _now("%(number)s 已登记，并入 %(kept)s") % {"number": case.number, "kept": kept.number}
    return done(request, reverse("case", args=[kept.pk]), sentence)


def _photos(request: HttpRequest) -> tuple[tuple[look.Kept, ...], str]:
    """Pictures sent now, looked at and made harmless, or with a press before; and what is wrong with those sent now.

    They are kept before anything is registered, so that no other kind, home or refusal loses them.
    """
    here, me = community(request).pk, viewer(request)
    uploads, kept = request.FILES.getlist("photos"), _kept(request)
    if len(uploads) + len(kept) > limits.FILES_AT_ONCE:
        return kept, _now("一次最多 %s 张照片") % limits.FILES_AT_ONCE
    try:
        prepared = [files.prepare(upload, frozenset({files.IMAGE})) for upload in uploads]
    except files.BadFile as error:
        return kept, str(error)
    new = [files.keep(p, actor=me, community_id=here) for p in prepared]
    return (*kept, *(look.Kept(str(f.pk), f.name) for f in new)), ""


def _kept(request: HttpRequest) -> tuple[look.Kept, ...]:
    """Pictures of an earlier press: only those that this person sent."""
    typed = [t for t in request.POST.getlist("kept") if re.fullmatch(r"[0-9a-f-]{36}", t)]
    mine = StoredFile.objects.filter(
        pk__in=typed[: limits.FILES_AT_ONCE], community_id=community(request).pk,
        created_by_kind="staff", created_by_id=viewer(request).id,
    )  # fmt: skip
    return tuple(look.Kept(str(f.pk), f.name) for f in mine.order_by("pk"))
