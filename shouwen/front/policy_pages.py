"""Policies: the deadlines of the manuals as sentences, and the value that this community chose for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.duties.actions import set_policy
from shouwen.duties.book.checks import policies_of
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause, PolicySeed
from shouwen.duties.models import Policy
from shouwen.duties.rulings import LEAD, asking
from shouwen.duties.sentences import sentence, value_of
from shouwen.duties.words import said
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.kernel import clock
from shouwen.kernel.clock import Span
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.people.models import Staff

CHANGES = 20


@require_GET
@staff_door("setting.edit")
def policies(request: HttpRequest) -> HttpResponse:
    """Every deadline with preset and chosen value, every clause as a sentence, and who changed what."""
    here = community(request)
    chosen = _chosen(here)
    context = {
        "title": _("时限"),
        "lead": _("改动只对以后产生的时限起效，正在走的按产生时的承诺。"),
        "back": look.Link(_("设置"), reverse("settings")),
        "tables": (_deadlines(chosen), _clauses(here), *_changes(here)),
    }
    return page(request, "front/detail.html", context)


@require_http_methods(["GET", "POST"])
@staff_door("setting.edit")
def policy(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a value for one deadline, or go back to the preset."""
    seed = book().policies.get(key)
    if seed is None:
        raise NotFound("not_found")
    here = community(request)
    now = _chosen(here).get(key) or seed.preset
    form = PolicyForm(request.POST or None, initial=parts_of(seed, now), seed=seed)
    if request.method == "POST" and form.is_valid():
        try:
            row = set_policy(
                here.pk, key, form.value(), actor=viewer(request), reason=form.cleaned_data["reason"]
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = {"what": said(seed.title), "value": value_of(seed, row.value or seed.preset)}
            return done(request, reverse("policies"), _("%(what)s改为 %(value)s") % words)
    return page(
        request, "front/form.html", _form_context(here, seed, form), status=422 if form.is_bound else 200
    )


def _form_context(here: Community, seed: PolicySeed, form: PolicyForm) -> dict[str, object]:
    clauses = [c for c in book().clauses.values() if seed.key in policies_of(c)]
    ask = asking(here.pk, clock.now() + LEAD)
    return {
        "title": said(seed.title),
        "lead": " ".join(sentence(c, ask) for c in clauses),
        "form": form,
        "submit": _("保存时限"),
        "cancel_url": reverse("policies"),
        "back": look.Link(_("时限"), reverse("policies")),
        "aside": (
            look.Text(_("预设"), (look.Part(value_of(seed, seed.preset)), look.Part(seed.source, dim=True))),
        ),
    }


UNITS: tuple[tuple[str, object], ...] = (
    ("PT{}M", gettext_lazy("分钟")),
    ("PT{}H", gettext_lazy("小时")),
    ("P{}D", gettext_lazy("天")),
    ("P{}BD", gettext_lazy("个工作日")),
    ("P{}M", gettext_lazy("个月")),
)


class PolicyForm(forms.Form):
    """A number with its unit, as people say a deadline; a choice, or a text of the key's own kind."""

    amount = forms.IntegerField(label=gettext_lazy("多久"), min_value=0, max_value=9999, required=False)
    unit = forms.ChoiceField(
        label=gettext_lazy("单位"), choices=UNITS, help_text=gettext_lazy("0 天就是当天。"), required=False
    )
    chosen = forms.CharField(label=gettext_lazy("取值"), required=False, max_length=200)
    reason = forms.CharField(label=gettext_lazy("理由"), required=False, max_length=200)
    preset = forms.BooleanField(label=gettext_lazy("用回预设"), required=False)

    def __init__(self, *args: Any, seed: PolicySeed, **kwargs: Any) -> None:
        self.seed = seed
        super().__init__(*args, **kwargs)
        for name in ("chosen",) if seed.kind == "span" else ("amount", "unit"):
            del self.fields[name]
        choices = [(code, said(words)) for code, words in seed.options.items()]
        if seed.kind == "choice":
            self.fields["chosen"] = forms.ChoiceField(label=_("取值"), choices=choices, required=False)
        elif seed.kind == "list":
            self.fields["chosen"] = forms.MultipleChoiceField(
                label=_("取值"), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("preset") or self.errors:
            return cleaned
        if self.seed.kind == "span" and (cleaned.get("amount") is None or not cleaned.get("unit")):
            self.add_error("amount", _("请填写时长，或选择用回预设。"))
        elif self.seed.kind == "span" and cleaned["amount"] == 0 and cleaned["unit"] != "P{}D":
            self.add_error("amount", _("没有时间就做不成；要当天办完，请选 0 天。"))
        elif self.seed.kind != "span" and not cleaned.get("chosen"):
            self.add_error("chosen", _("请填写取值，或选择用回预设。"))
        return cleaned

    def value(self) -> str:
        """The value as the policy keeps it; empty for the preset."""
        if self.cleaned_data["preset"]:
            return ""
        if self.seed.kind == "span":
            return str(self.cleaned_data["unit"]).format(self.cleaned_data["amount"])
        chosen = self.cleaned_data["chosen"]
        return chosen if isinstance(chosen, str) else " ".join(chosen)


def parts_of(seed: PolicySeed, text: str) -> dict[str, object]:
    """A value as the form shows it: a span as number and unit, a list as its codes."""
    value = seed.read(text)
    if seed.kind == "span":
        return span_parts(value) if value is not None else {}
    return {"chosen": sorted(value) if isinstance(value, frozenset) else text}


def span_parts(span: Span) -> dict[str, object]:
    """The span as number and unit; nothing when it has several parts, which must be chosen anew."""
    found = [
        (n, unit)
        for n, unit in ((span.months, "P{}M"), (span.days, "P{}D"), (span.business_days, "P{}BD"))
        if n
    ]
    if span.seconds:
        hours, rest = divmod(span.seconds, 3600)
        found.append((span.seconds // 60, "PT{}M") if rest else (hours, "PT{}H"))
    if not found:
        return {"amount": 0, "unit": "P{}D"}
    return {"amount": found[0][0], "unit": found[0][1]} if len(found) == 1 else {}


def _chosen(here: Community) -> Mapping[str, str]:
    """The newest value of each key that this community set and did not take back."""
    rows = Policy.objects.filter(community=here).order_by("key", "-since").distinct("key")
    return {row.key: row.value for row in rows if row.value}


def _deadlines(chosen: Mapping[str, str]) -> look.TableList:
    columns = (_("时限"), _("本项目"), _("预设"), _("依据"))
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(said(seed.title), strong=True, nowrap=True),
                look.Cell(
                    value_of(seed, chosen.get(key, seed.preset)),
                    tag=_("已调整") if chosen.get(key, seed.preset) != seed.preset else "",
                ),
                look.Cell(value_of(seed, seed.preset), dim=True),
                look.Cell(seed.source, dim=True, nowrap=True),
            ),
            actions=(look.Action("set", _("修改"), reverse("policy", args=[key]), icon="edit"),),
        )
        for key, seed in book().policies.items()
    )  # fmt: skip
    return look.TableList(title=_("时限"), columns=tuple(map(look.Column, columns)), rows=rows)


def _clauses(here: Community) -> look.TableList:
    columns = (_("规则"), _("内容"))
    ask = asking(here.pk, clock.now() + LEAD)  # what was just chosen counts in a moment
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(said(clause.title), strong=True, sub=_source(clause)),
                look.Cell(sentence(clause, ask)),
            )
        )
        for clause in book().clauses.values()
    )
    return look.TableList(title=_("规则"), columns=tuple(map(look.Column, columns)), rows=rows)


def _source(clause: Clause) -> str:
    source = {"source": "、".join(clause.source), "version": clause.version}
    return _("%(source)s 第 %(version)d 版") % source


def _changes(here: Community) -> tuple[look.TableList, ...]:
    """Who changed which deadline to what; nothing where nobody did."""
    facts = Entry.objects.filter(community_id=here.pk, verb="policy:set").order_by("-recorded_at")[:CHANGES]
    names = dict(Staff.objects.filter(pk__in=[f.actor_id for f in facts]).values_list("pk", "name"))
    seeds = book().policies
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(f"{clock.local(fact.at):%Y-%m-%d %H:%M}", dim=True, nowrap=True),
                look.Cell(names.get(fact.actor_id or 0, _("系统"))),
                look.Cell(
                    said(seeds[fact.data["key"]].title) if fact.data["key"] in seeds else fact.data["key"]
                ),
                look.Cell(_changed_to(fact.data["key"], fact.data["value"])),
            )
        )
        for fact in facts
    )
    columns = (_("时间"), _("谁"), _("时限"), _("改为"))
    return (
        (look.TableList(title=_("改动记录"), columns=tuple(map(look.Column, columns)), rows=rows),)
        if rows
        else ()
    )


def _changed_to(key: str, text: str) -> str:
    seed = book().policies.get(key)
    return value_of(seed, text) if seed and text else text or _("预设")
