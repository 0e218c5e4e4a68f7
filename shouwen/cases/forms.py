"""The forms of a case's moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.cases.calling.times import window_end
from shouwen.cases.merging.actions import kept_of
from shouwen.cases.models import Case, Category, FollowUp, Kind
from shouwen.kernel.doors import Moment, MoveForm, Until, Words
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean_line
from shouwen.people import who
from shouwen.people.models import Staff


def staff_choices(community_id: int, right: str, *, without: int | None = None) -> list[tuple[Any, str]]:
    """Colleagues who hold a right in the community, by name."""
    keys = [s for s in who.holders(community_id, right) if s != without]
    return list(Staff.objects.filter(pk__in=keys).order_by("pinyin", "name").values_list("pk", "name"))


def colleague_choices(community_id: int) -> list[tuple[Any, str]]:
    """Everybody who holds a post in the community, by name: a complaint may be about the guard at the gate too."""
    rows = Staff.objects.filter(pk__in=who.colleagues(community_id)).order_by("pinyin", "name")
    return list(rows.values_list("pk", "name"))


class NoteForm(MoveForm):
    words = Words(label=_("记录"))


class AnswerForm(MoveForm):
    words = Words(label=_("答复内容"), help_text=_("住户在手机上看得到。"))
    on_the_spot = forms.BooleanField(label=_("来人当场表示满意，直接关闭"), required=False)


class ReplyForm(MoveForm):
    words = Words(label=_("给投诉人的明确答复"), help_text=_("住户在手机上看得到。"))


class SolveForm(MoveForm):
    words = Words(label=_("处理结果"))


class ClassifyForm(MoveForm):
    level = forms.TypedChoiceField(
        label=_("投诉类别"),
        coerce=int,
        choices=[(1, _("一类：服务")), (2, _("二类：开发商")), (3, _("三类：外部"))],
        widget=forms.RadioSelect,
    )
    severity = forms.ChoiceField(label=_("轻重"), choices=Case.Severity.choices, widget=forms.RadioSelect)
    handler_id = forms.TypedChoiceField(label=_("经办人"), coerce=int, empty_value=None, required=False)
    lead = _("经办人留空时按类别自动指定：一类留在前台，二类交主管，三类和重大交经理。")

    def prepare(self) -> None:
        people = staff_choices(self.row.community_id, "case.answer", without=self.row.about_id)
        self.fields["handler_id"].choices = [("", _("按类别指定")), *people]  # type: ignore[attr-defined]


class HandForm(MoveForm):
    handler_id = forms.TypedChoiceField(label=_("转给"), coerce=int)
    words = Words(label=_("说明"), required=False)
    lead = _("首问责任人不变，会继续跟到住户满意。")

    def prepare(self) -> None:
        people = staff_choices(self.row.community_id, "case.answer", without=self.row.about_id)
        self.fields["handler_id"].choices = [p for p in people if p[0] != self.row.handler_id]  # type: ignore[attr-defined]


class HandManyForm(HandForm):
    """The same for rows with different handlers: everybody stands in the list, the action refuses row by row."""

    def prepare(self) -> None:
        self.fields["handler_id"].choices = staff_choices(self.row.community_id, "case.answer")  # type: ignore[attr-defined]


class FollowUpForm(MoveForm):
    outcome = forms.ChoiceField(
        label=_("回访结果"), choices=FollowUp.Outcome.choices, widget=forms.RadioSelect
    )
    satisfied = forms.TypedChoiceField(
        label=_("是否满意"),
        choices=[("yes", _("满意，关闭")), ("no", _("不满意，重新办理"))],
        coerce=lambda v: v == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("接通后必须选一项，不预设。"),
    )
    words = Words(label=_("住户的话"), required=False)

    def prepare(self) -> None:
        self.fields["satisfied"].sometimes = True  # type: ignore[attr-defined]


class UrgeForm(MoveForm):
    words = Words(label=_("催办说明"), required=False)


class AgreedForm(forms.Form):
    """When somebody is expected: a moment, or hours of one day."""

    preferred_at = Moment(label=_("约定时间"))
    preferred_until = Until(label=_("到几点"), help_text=_("约的是一段时间才填，同一天。"))

    def clean(self) -> dict[str, Any]:
        """A time becomes a moment of the day on which the hours begin."""
        typed = super().clean() or {}
        if not {"preferred_at", "preferred_until"} & set(self.errors):
            try:
                typed["preferred_until"] = window_end(typed["preferred_at"], typed["preferred_until"])
            except Refused as refusal:
                self.add_error("preferred_until", str(refusal))
        return typed


class PromiseForm(AgreedForm, MoveForm):
    words = Words(label=_("说明"), required=False)


class RefileForm(MoveForm):
    category = forms.ChoiceField(label=_("分类"))
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    suggested = forms.BooleanField(required=False, widget=forms.HiddenInput)
    lead = _("工种或紧急程度变了，还没有到场的派工单会作废，另开一张等派工；维修人已到场的不能再变。")

    def prepare(self) -> None:
        found = Category.objects.filter(kind=self.row.kind, active=True)
        self.fields["category"].choices = [(c.code, str(c)) for c in found]  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial["category"], self.initial["urgent"] = self.row.category_id, self.row.urgent

    def inputs(self) -> dict[str, Any]:
        """A category that is always urgent makes the case urgent when it is chosen anew."""
        given = super().inputs()
        anew = given["category"] != self.row.category_id
        pressing = anew and Category.objects.filter(pk=given["category"], urgent=True).exists()
        return given | {"urgent": given["urgent"] or pressing}


class RecastForm(MoveForm):
    category = forms.ChoiceField(label=_("改为"))
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    suggested = forms.BooleanField(required=False, widget=forms.HiddenInput)
    lead = _("原来的时限作废，按新的类型重新起算；还没有到场的派工单会作废。")

    def prepare(self) -> None:
        found = Category.objects.filter(active=True).exclude(kind=self.row.kind)
        groups = {kind: [(c.code, str(c)) for c in found if c.kind == kind] for kind in Kind.values}
        self.fields["category"].choices = [(Kind(k).label, rows) for k, rows in groups.items() if rows]  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial["urgent"] = self.row.urgent

    def inputs(self) -> dict[str, Any]:
        chosen = Category.objects.get(pk=self.cleaned_data["category"])
        return super().inputs() | {"kind": chosen.kind}


class BareForm(MoveForm):
    """A press without any input."""


class UrgentForm(MoveForm):
    """More pressing than it was, and nothing else: the move ``refile`` with the category that it has."""

    lead = _("派工单已经派出、还没有到场的不能改，要先撤回。")

    def inputs(self) -> dict[str, Any]:
        return {"category": self.row.category_id, "urgent": True}


class ConfirmForm(MoveForm):
    lead = _("你确认看过纸面记录，发生时间属实；时限从发生时间起算。")


class CloseUnconfirmedForm(MoveForm):
    words = Words(label=_("说明"))


class MergeForm(MoveForm):
    number = forms.CharField(label=_("并入哪一件（单号）"), max_length=24)
    lead = _("这一件就此关闭，原话、照片和来人都跟过去；还没派出的派工单会作废，住户看到的是那一件的进度。")

    def inputs(self) -> dict[str, Any]:
        """The case of this number, if the actor may see it."""
        return {"into": kept_of(self.row, clean_line(self.cleaned_data["number"]), self.actor)}


class CancelForm(MoveForm):
    by = forms.ChoiceField(
        label=_("谁要求取消"),
        choices=[("resident", _("住户要求")), ("centre", _("中心取消（重复、误登）"))],
        widget=forms.RadioSelect,
    )
    words = Words(label=_("原因"))


FORMS: dict[str, type[MoveForm]] = {
    "note": NoteForm,
    "answer": AnswerForm,
    "reply": ReplyForm,
    "solve": SolveForm,
    "classify": ClassifyForm,
    "hand": HandForm,
    "follow_up": FollowUpForm,
    "urge": UrgeForm,
    "promise": PromiseForm,
    "refile": RefileForm,
    "recast": RecastForm,
    "decline": BareForm,
    "confirm_back_entry": ConfirmForm,
    "close_unconfirmed": CloseUnconfirmedForm,
    "merge": MergeForm,
    "cancel": CancelForm,
}
