"""Common questions and the desk's answers: residents read them before they send a matter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.cases import answers
from shouwen.cases.models import Category, Kind, KnownAnswer
from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import button, edit_view
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel.refusals import NotFound

RIGHT = answers.ANSWER


class AnswerForm(CleanForm):
    locals().update(fields_of(KnownAnswer, "question", "answer", "words"))
    category = forms.ChoiceField(label=gettext_lazy("分类"), required=False)
    locals().update(fields_of(KnownAnswer, "active"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [
            (kind.label, [(c.code, str(c)) for c in Category.objects.filter(kind=kind, active=True)])
            for kind in Kind
        ]
        self.fields["category"].choices = [("", _("不限")), *groups]  # type: ignore[attr-defined]
        self.fields["answer"].help_text = _("写住户自己就能做的；住户在手机上原样看到。")
        self.fields["words"].help_text = _(
            "住户写的话里出现这些词，就先给他看；用空格分开。不写词，就按分类给看。"
        )


@require_GET
@staff_door(RIGHT)
def answer_list(request: HttpRequest) -> HttpResponse:
    """What this community is asked often."""
    rows = KnownAnswer.objects.visible_to(viewer(request)).filter(community=community(request))
    return listing(  # type: ignore[return-value]
        request,
        title=_("常见问答"),
        rows=rows.select_related("category"),
        keys=("question", "id"),
        search=lambda found, text: found.filter(Q(question__contains=text) | Q(answer__contains=text)),
        search_hint=_("问题、答复"),
        facets=(Facet("closed", _("只看停用"), lambda found, _v: found.filter(active=False), kind="check"),),
        columns=(_("问题"), _("答复"), _("识别词"), _("分类")),
        cells=_rows,
        export=Export((_("问题"), _("答复"), _("识别词"), _("分类"), _("启用")), each(_values)),
        actions=(button("new", _("写一条"), reverse("answer_new"), "plus", primary=True),),
        empty=_("还没有常见问答。写几条，住户报之前先看到，少跑一趟。"),
    )


def _rows(found: list[KnownAnswer]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("answer", args=[a.pk]),
            cells=(
                look.Cell(a.question, strong=a.active, dim=not a.active, tag="" if a.active else _("停用")),
                look.Cell(a.answer[:80]),
                look.Cell(a.words, dim=True),
                look.Cell(str(a.category) if a.category else "", nowrap=True),
            ),
        )
        for a in found
    ]


def _values(a: KnownAnswer) -> tuple[Any, ...]:
    return a.question, a.answer, a.words, str(a.category) if a.category else "", _("是") if a.active else ""


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def answer_new(request: HttpRequest) -> HttpResponse:
    """One question more."""
    home = reverse("answer_list")

    def pressed(typed: Typed) -> tuple[str, str]:
        typed.pop("active")
        row = answers.add_answer(community(request).pk, actor=viewer(request), **typed)
        return home, _("“%s”已写好，住户现在就看得到") % row.question

    def draw(data: Any, _files: Any) -> AnswerForm:
        form = AnswerForm(data)
        form.fields["active"].widget = forms.HiddenInput()
        return form

    return form_view(
        request, draw, pressed, title=_("写一条常见问答"), submit=_("保存问答"), home=home,
        back=look.Link(_("常见问答"), home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def answer(request: HttpRequest, key: int) -> HttpResponse:
    """Another wording, or out of use."""
    home = reverse("answer_list")
    found = KnownAnswer.objects.visible_to(viewer(request)).filter(
        pk=key, community_id__in=viewer(request).where(RIGHT)
    )
    if not found.exists():
        raise NotFound("not_found")

    def values() -> dict[str, Any]:
        row = found.get()
        return {"question": row.question, "answer": row.answer, "words": row.words, "category": row.category_id or "",
                "active": row.active}  # fmt: skip

    def pressed(typed: Typed) -> tuple[str, str]:
        row = answers.edit_answer(key, actor=viewer(request), **typed)
        return home, _("“%s”已保存") % row.question

    return edit_view(
        request, AnswerForm, values, pressed, lock=found, home=home, title=_("修改常见问答"), submit=_("保存问答"),
        back=look.Link(_("常见问答"), home),
    )  # fmt: skip
