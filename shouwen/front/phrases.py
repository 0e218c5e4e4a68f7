"""Common sentences: offered for a case with their gaps filled, and kept on a page of settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.cases.calling.times import agreed_words, expected_by
from shouwen.cases.models import Case, Kind
from shouwen.cases.phrases.actions import RIGHT, add_phrase, edit_phrase
from shouwen.cases.phrases.models import GAPS, Phrase
from shouwen.front import desk, look
from shouwen.front.clocks import first_due
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.forming import Typed, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import button, edit_view, settings_link
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import initials, seeded, surname


@require_GET
@staff_door("case.see")
def case_phrases(request: HttpRequest, key: Any) -> HttpResponse:
    """The sentences of the case's community, filled for it: a list box for whoever types “/”."""
    case = desk.fetch(request, key)
    rows = Phrase.objects.visible_to(viewer(request)).filter(community=case.community_id, active=True)
    values = known(case)
    some = [
        (row.name, row.filled(values), f"{row.name} {initials(row.name)}") for row in rows.order_by("name")
    ]
    return page(request, "front/parts/phrases.html", {"phrases": some, "frame": None})


def known(case: Case) -> dict[str, str]:
    """What the case fills the gaps with. The time is the one agreed, else when it is due; none that has passed."""
    due, now = first_due([case.pk]).get(case.pk), clock.now()
    by, owed = expected_by(case), due.due_at if due else None
    agreed = agreed_words(case) if by and by > now else ""
    moment = clock.said(owed) if owed and owed > now else ""
    values = (
        called(case),
        case.place,
        case.number,
        case.handler.name if case.handler and case.kind == Kind.REPAIR else "",
        agreed or moment,
    )
    return dict(zip(GAPS, values, strict=True))


def called(case: Case) -> str:
    """How the asker is spoken to: 梅女士 where the person is known, else the name that was left."""
    person = case.person
    if person is None or not person.gender:
        return person.name if person else case.asker
    return (_("%s先生") if person.gender == "m" else _("%s女士")) % surname(person.name)


class PhraseForm(CleanForm):
    locals().update(fields_of(Phrase, "name", "words", "active"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _("可以用 %s，办理时按那件事填好。") % " ".join(map(_meaning, GAPS))
        self.fields["name"].help_text = _("写记录或答复时输入“/”和名称（或拼音首字母）就能选到。")


def _meaning(gap: str) -> str:
    """A gap as it is written into a text, and what it means where that is another language."""
    said = seeded(gap)
    return f"{{{gap}}}" if said == gap else f"{{{gap}}} ({said})"


@require_GET
@staff_door(RIGHT)
def phrase_list(request: HttpRequest) -> HttpResponse:
    """What this community's desk says often."""
    rows = Phrase.objects.visible_to(viewer(request)).filter(community=community(request))
    return listing(  # type: ignore[return-value]
        request,
        title=_("常用语"),
        rows=rows,
        keys=("name", "id"),
        search=lambda found, text: found.filter(Q(name__contains=text) | Q(words__contains=text)),
        search_hint=_("名称、内容"),
        facets=(Facet("closed", _("只看停用"), lambda found, _v: found.filter(active=False), kind="check"),),
        columns=(_("名称"), _("内容")),
        cells=_rows,
        export=Export(
            (_("名称"), _("内容"), _("启用")), each(lambda p: (p.name, p.words, _("是") if p.active else ""))
        ),
        actions=(button("new", _("写一条"), reverse("phrase_new"), "plus", primary=True),),
        empty=_("还没有常用语。写几条，答复和回访时输入“/”就能选。"),
    )


def _rows(found: list[Phrase]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("phrase", args=[p.pk]),
            cells=(
                look.Cell(p.name, strong=p.active, dim=not p.active, tag="" if p.active else _("停用")),
                look.Cell(p.words[:80]),
            ),
        )
        for p in found
    ]


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def phrase_new(request: HttpRequest) -> HttpResponse:
    """One sentence more."""
    home = reverse("phrase_list")

    def pressed(typed: Typed) -> tuple[str, str]:
        typed.pop("active")
        row = add_phrase(community(request).pk, actor=viewer(request), **typed)
        return home, _("“%s”已写好，输入“/”就能选到") % row.name

    def draw(data: Any, _files: Any) -> PhraseForm:
        form = PhraseForm(data)
        form.fields["active"].widget = forms.HiddenInput()
        return form

    return form_view(
        request,
        draw,
        pressed,
        title=_("写一条常用语"),
        submit=_("保存常用语"),
        home=home,
        back=settings_link(),
    )


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def phrase(request: HttpRequest, key: int) -> HttpResponse:
    """Another wording, or out of use."""
    home, me = reverse("phrase_list"), viewer(request)
    found = Phrase.objects.visible_to(me).filter(pk=key, community_id__in=me.where(RIGHT))
    if not found.exists():
        raise NotFound("not_found")

    def values() -> dict[str, Any]:
        row = found.get()
        return {"name": row.name, "words": row.words, "active": row.active}

    def pressed(typed: Typed) -> tuple[str, str]:
        return home, _("“%s”已保存") % edit_phrase(key, actor=me, **typed).name

    return edit_view(
        request, PhraseForm, values, pressed, lock=found, home=home, title=_("修改常用语"), submit=_("保存常用语"),
        back=look.Link(_("常用语"), home),
    )  # fmt: skip
