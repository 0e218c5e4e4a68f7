"""The forms of an order's moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.doors import Day, MoveForm, Words
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import dotted
from shouwen.works import codes
from shouwen.works.models import Pause
from shouwen.works.suggest import Candidate, candidates


def reasons(candidate: Candidate) -> str:
    """Why this technician: skill, building, orders in hand."""
    words = [
        *([_now("退过这张单")] if candidate.refused else []),
        _now("会这个工种") if candidate.skilled else _now("不是这个工种"),
        *([_now("负责这栋楼")] if candidate.near else []),
        _now("手上 %s 单") % candidate.load.held,
        *([_now("待接 %s 单") % candidate.load.offered] if candidate.load.offered else []),
        *([_now("同类 %s 单") % candidate.same] if candidate.same else []),
        *([_now("重开 %s 单") % candidate.again] if candidate.again else []),
    ]
    return dotted(*words)


def in_short(candidate: Candidate, trade: str) -> str:
    """The same on a board, where a bar beside the name shows the load: 同楼栋 • 同类 41 单."""
    words = [
        *([_now("退过这张单")] if candidate.refused else []),
        *([_now("同楼栋")] if candidate.near else []),
        *([_now("同类 %s 单") % candidate.same] if candidate.same else []),
        *([_now("重开 %s") % candidate.again] if candidate.again else []),
    ]
    return dotted(*words) or _now("会%s") % trade


class AssignForm(MoveForm):
    technician_id = forms.TypedChoiceField(label=_("派给"), coerce=int, widget=forms.RadioSelect)

    def prepare(self) -> None:
        found = candidates(self.row)
        self.fields["technician_id"].choices = [  # type: ignore[attr-defined]
            (c.staff.pk, _now("%(name)s（%(why)s）") % {"name": c.staff.name, "why": reasons(c)})
            for c in found
        ]
        if found and not self.is_bound:
            self.initial["technician_id"] = found[0].staff.pk


class BareForm(MoveForm):
    """A move that needs nothing but the press."""


class ClaimForm(BareForm):
    """A claim asks for the order as it is now: who comes late hears who was faster, not that a row changed."""

    def clean_version(self) -> None:
        return None


class Signature(forms.FileField):
    """A picture of the household's hand: drawn on the glass, or taken of the paper where there is no script."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"accept": "image/*", "capture": "environment"}
        super().__init__(widget=forms.FileInput(attrs=attrs), **kwargs)


class RefuseForm(MoveForm):
    words = Words(label=_("退单原因"))


class PauseForm(MoveForm):
    reason = forms.ChoiceField(label=_("停表原因"), choices=Pause.choices, widget=forms.RadioSelect)
    words = Words(label=_("说明"), required=False)


class CarryForm(MoveForm):
    on = Day(label=_("改约到"))
    words = Words(label=_("原因"))


class AbsentForm(MoveForm):
    words = Words(label=_("说明"), required=False, help_text=_("例如：敲门、打电话都没有人应，门上留了条。"))


class MaterialForm(MoveForm):
    materials = forms.CharField(label=_("领料"), max_length=300, help_text=_("什么、多少，例如：角阀 1 个。"))


class FinishForm(MoveForm):
    result = Words(label=_("处理结果"), help_text=_("住户在手机上看得到。"))
    minutes = forms.IntegerField(label=_("用时（分钟）"), required=False, min_value=1, max_value=1440)
    materials = forms.CharField(label=_("用料"), required=False, max_length=300)
    signature = Signature(label=_("住户签名"), required=False)
    code = forms.CharField(
        label=_("或住户的确认码"),
        required=False,
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("6 位数字，住户从客服中心或住户页得知。"),
    )
    confirmed_by = forms.CharField(label=_("住户确认人"), required=False, max_length=60)
    unconfirmed_why = forms.CharField(label=_("没有确认的原因"), required=False, max_length=120)

    def prepare(self) -> None:
        """In a home the household confirms, or it is said why not; in a public area nobody is asked."""
        if self.row.materials:
            self.fields["materials"].help_text = _now("已记：%s。只写新用的。") % self.row.materials
        ways = ("signature", "code", "confirmed_by", "unconfirmed_why")
        self.one_of = ways if self.row.unit_id is not None else ()
        self.lead = _now("签名、确认码、确认人、没有确认的原因，四样有一样就行。") if self.one_of else ""
        for name in ways:
            self.fields[name].sometimes = True  # type: ignore[attr-defined]
            if not self.one_of:
                del self.fields[name]

    def clean_code(self) -> str:
        """A code is guessed five times, then not for a while."""
        typed = str(self.cleaned_data["code"])
        try:
            if typed:
                codes.count_try(self.row)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return typed


class InspectForm(MoveForm):
    passed = forms.TypedChoiceField(
        label=_("验收"),
        choices=[("yes", _("合格")), ("no", _("不合格，重开派工单"))],
        coerce=lambda v: v == "yes",
        widget=forms.RadioSelect,
    )
    words = Words(label=_("说明"), required=False, help_text=_("不合格时必填。"))


FORMS: dict[str, type[MoveForm]] = {
    "assign": AssignForm,
    "claim": ClaimForm,
    "accept": BareForm,
    "refuse": RefuseForm,
    "recall": BareForm,
    "arrive": BareForm,
    "pause": PauseForm,
    "resume": BareForm,
    "absent": AbsentForm,
    "material": MaterialForm,
    "carry": CarryForm,
    "finish": FinishForm,
    "inspect": InspectForm,
}


def needs_form(name: str) -> bool:
    """Whether a move asks for anything; one that does not is a single press."""
    return not issubclass(FORMS[name], BareForm)
