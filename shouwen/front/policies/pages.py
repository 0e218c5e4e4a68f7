"""Policies: the deadlines of the manuals as sentences, and the value that this community chose for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models.functions import TruncSecond
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.duties.actions import checked, set_policy
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause, PolicySeed
from shouwen.duties.models import Policy
from shouwen.duties.moments import value_of
from shouwen.duties.rulings import LEAD, asking
from shouwen.duties.sentences import sentence
from shouwen.duties.supposing import asked_by
from shouwen.duties.words import said
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.policies.preview import preview
from shouwen.kernel import clock
from shouwen.kernel.clock import Span
from shouwen.kernel.doors import Day
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import joined
from shouwen.people.models import Staff

RIGHT = "setting.edit"
CHANGES = 20


@require_GET
@staff_door(RIGHT)
def policies(request: HttpRequest) -> HttpResponse:
    """Every deadline with the value in force and its manuals, every clause as a sentence, and who changed what."""
    here = community(request)
    context = {
        "title": pgettext("page", "时限"),
        "lead": _("改动只对以后产生的时限起效，正在走的按产生时的承诺。"),
        "back": look.Link(_("设置"), reverse("settings")),
        "actions": (
            look.Action("adopt", _("整套用一本手册"), reverse("policy_adopt"), icon="book"),
            look.Action("compare", _("和别的项目比"), reverse("policy_compare"), icon="columns"),
        ),
        "tables": (_deadlines(here), _clauses(here), *changes(here)),
    }
    return page(request, "front/detail.html", context)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def policy(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a manual's or an own value for one deadline from a day on, look first what it would change."""
    seed = book().policies.get(key)
    if seed is None:
        raise NotFound("not_found")
    here = community(request)
    seen: tuple[look.TableList, ...] = ()
    form = PolicyForm(request.POST or None, initial=_initial(here, seed), seed=seed)
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                seen = preview(request, here, {key: checked(seed, form.text())})
            else:
                _save(request, here, key, form)
                words = {"what": said(seed.title), "value": value_of(seed, form.text() or seed.preset)}
                return done(request, reverse("policies"), _("%(what)s改为 %(value)s") % words)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    status = 422 if form.is_bound and not seen else 200
    context = _form_context(here, seed, form) | {"tables": (*seen, *changes(here, key))}
    return page(request, "front/form.html", context, status=status)


def _save(request: HttpRequest, here: Community, key: str, form: PolicyForm) -> None:
    typed = form.cleaned_data
    set_policy(
        here.pk, key, form.text(), actor=viewer(request), preset=form.manual(), reason=typed["reason"],
        since=typed["since"],
    )  # fmt: skip


def _initial(here: Community, seed: PolicySeed) -> dict[str, object]:
    row = in_force(here).get(seed.key)
    by = (row.preset or ("own" if row.value else "preset")) if row else "preset"
    return {"by": by} | parts_of(seed, row.value if row and row.value else seed.preset)


def _form_context(here: Community, seed: PolicySeed, form: PolicyForm) -> dict[str, object]:
    ask = asking(here.pk, clock.now() + LEAD)
    return {
        "title": said(seed.title),
        "lead": " ".join(sentence(c, ask) for c in asked_by(seed.key)),
        "form": form,
        "submit": _("保存时限"),
        "preview": _("先看影响"),
        "cancel_url": reverse("policies"),
        "back": look.Link(pgettext("page", "时限"), reverse("policies")),
        "aside": (
            look.Text(_("现在"), (look.Part(value_of(seed, ask.text(seed.key))),)),
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

    by = forms.ChoiceField(label=gettext_lazy("用哪个值"), required=False, widget=forms.RadioSelect)
    amount = forms.IntegerField(label=gettext_lazy("多久"), min_value=0, max_value=9999, required=False)
    unit = forms.ChoiceField(
        label=gettext_lazy("单位"), choices=UNITS, help_text=gettext_lazy("0 天就是当天。"), required=False
    )
    chosen = forms.CharField(label=gettext_lazy("取值"), required=False, max_length=200)
    since = Day(
        label=gettext_lazy("从哪天起"), required=False,
        help_text=gettext_lazy("空着是马上。只管那以后产生的。"),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("理由"), required=False, max_length=200,
        help_text=gettext_lazy("哪本手册都没有的值，要写明理由。"),
    )  # fmt: skip

    def __init__(self, *args: Any, seed: PolicySeed, **kwargs: Any) -> None:
        self.seed = seed
        super().__init__(*args, **kwargs)
        for name in ("chosen",) if seed.kind == "span" else ("amount", "unit"):
            del self.fields[name]
        self.fields["by"] = forms.ChoiceField(
            label=_("用哪个值"), choices=_sources(seed), required=False, widget=forms.RadioSelect
        )
        choices = [(code, said(words)) for code, words in seed.options.items()]
        if seed.kind == "choice":
            self.fields["chosen"] = forms.ChoiceField(label=_("取值"), choices=choices, required=False)
        elif seed.kind == "list":
            self.fields["chosen"] = forms.MultipleChoiceField(
                label=_("取值"), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

        for name in {"by", "amount", "unit", "chosen", "reason"} & set(self.fields):
            self.fields[name].sometimes = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if "by" not in self.changed_data and {"amount", "unit", "chosen"} & set(self.changed_data):
            cleaned["by"] = "own"  # a number was typed and the choice above forgotten: it is what was meant
        if cleaned.get("by") not in ("", "own") or self.errors:
            return cleaned
        if self.seed.kind == "span" and (cleaned.get("amount") is None or not cleaned.get("unit")):
            self.add_error("amount", _("请填写时长，或选择用回预设。"))
        elif self.seed.kind == "span" and cleaned["amount"] == 0 and cleaned["unit"] != "P{}D":
            self.add_error("amount", _("没有时间就做不成；要当天办完，请选 0 天。"))
        elif self.seed.kind != "span" and not cleaned.get("chosen"):
            self.add_error("chosen", _("请填写取值，或选择用回预设。"))
        return cleaned

    def manual(self) -> str:
        """The letter of the manual whose value is chosen, or nothing."""
        by = str(self.cleaned_data["by"])
        return by if by in self.seed.presets else ""

    def text(self) -> str:
        """The value as the policy keeps it; empty for the preset."""
        if manual := self.manual():
            return self.seed.canonical(self.seed.presets[manual])
        if self.cleaned_data["by"] == "preset":
            return ""
        if self.seed.kind == "span":
            return str(self.cleaned_data["unit"]).format(self.cleaned_data["amount"])
        chosen = self.cleaned_data["chosen"]
        return chosen if isinstance(chosen, str) else " ".join(chosen)


def _sources(seed: PolicySeed) -> list[tuple[str, str]]:
    """Whose value it may be: the house's preset, a manual's, or an own one."""
    named = [
        (letter, _("手册 %(letter)s：%(value)s") % {"letter": letter, "value": value_of(seed, text)})
        for letter, text in sorted(seed.presets.items())
    ]
    return [("preset", _("预设：%s") % value_of(seed, seed.preset)), *named, ("own", _("自己定，填在下面"))]


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


def in_force(here: Community) -> dict[str, Policy]:
    """The choice of each key that holds now, or will in a moment."""
    rows = Policy.objects.filter(community=here, since__lte=clock.now() + LEAD)
    return {row.key: row for row in rows.order_by("key", "-since").distinct("key")}


def _deadlines(here: Community) -> look.TableList:
    columns = (_("时限"), _("本项目"), _("预设"), _("各手册"), _("依据"))
    now, later = in_force(here), _to_come(here)
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(said(seed.title), strong=True, nowrap=True),
                _value_cell(seed, now.get(key), later.get(key), here.zone),
                look.Cell(value_of(seed, seed.preset), dim=True),
                look.Cell(_by_manual(seed), dim=True),
                look.Cell(seed.source, dim=True, nowrap=True),
            ),
            actions=(look.Action("set", _("修改"), reverse("policy", args=[key]), icon="edit"),),
        )
        for key, seed in sorted(book().policies.items(), key=lambda pair: pair[1].kind != "span")
    )  # fmt: skip
    return look.TableList(title=pgettext("page", "时限"), columns=tuple(map(look.Column, columns)), rows=rows)


def _to_come(here: Community) -> dict[str, Policy]:
    """The next choice of each key that does not hold yet."""
    rows = Policy.objects.filter(community=here, since__gt=clock.now() + LEAD)
    timed = rows.annotate(second=TruncSecond("since")).order_by("key", "second", "-since")
    return {row.key: row for row in timed.distinct("key")}


def _value_cell(seed: PolicySeed, row: Policy | None, coming: Policy | None, zone: str) -> look.Cell:
    text = (row.value if row else "") or seed.preset
    words = {"day": "", "value": ""}
    if coming:
        day = clock.local(coming.since, zone)
        words = {"day": f"{day:%Y-%m-%d}", "value": value_of(seed, coming.value or seed.preset)}
    tag = _("已调整") if text != seed.preset else ""
    return look.Cell(
        value_of(seed, text),
        sub=_("%(day)s 起改为 %(value)s") % words if coming else (row.reason if row and row.value else ""),
        tag=_("手册 %s") % row.preset if tag and row and row.preset else tag,
    )


def _by_manual(seed: PolicySeed) -> str:
    """``A、E 30 分钟；B 当天``: manuals of one mind stand together."""
    letters: dict[str, list[str]] = {}
    for letter, text in sorted(seed.presets.items()):
        letters.setdefault(value_of(seed, text), []).append(letter)
    return joined((f"{joined(who)} {value}" for value, who in letters.items()), "；")


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
    source = {"source": joined(clause.source), "version": clause.version}
    return _("%(source)s 第 %(version)d 版") % source


def changes(here: Community, key: str = "") -> tuple[look.TableList, ...]:
    """Who changed which deadline when, to what, from when on and why; nothing where nobody did."""
    facts = Entry.objects.filter(community_id=here.pk, verb="policy:set").order_by("-recorded_at")
    told = list((facts.filter(data__key=key) if key else facts)[:CHANGES])
    names = dict(Staff.objects.filter(pk__in=[f.actor_id for f in told]).values_list("pk", "name"))
    kept = Policy.objects.filter(community=here).in_bulk([int(f.subject_id) for f in told])
    rows = tuple(_change(fact, names, kept.get(int(fact.subject_id)), here.zone) for fact in told)
    columns = (_("时间"), _("谁"), _("时限"), _("改为"), _("从何时起"), _("理由"))
    title = _("改动记录")
    return (look.TableList(title=title, columns=tuple(map(look.Column, columns)), rows=rows),) if rows else ()


def _change(fact: Entry, names: Mapping[int, str], row: Policy | None, zone: str) -> look.TableRow:
    seed, manual = book().policies.get(fact.data["key"]), fact.data.get("preset")
    since = clock.local(datetime.fromisoformat(fact.data["since"]), zone)
    text = fact.data["value"]
    return look.TableRow(
        cells=(
            look.Cell(f"{clock.local(fact.at, zone):%Y-%m-%d %H:%M}", dim=True, nowrap=True),
            look.Cell(names.get(fact.actor_id or 0, _("系统"))),
            look.Cell(said(seed.title) if seed else fact.data["key"]),
            look.Cell(
                value_of(seed, text) if seed and text else text or _("预设"),
                tag=_("手册 %s") % manual if manual else "",
            ),
            look.Cell(f"{since:%Y-%m-%d %H:%M}", dim=True, nowrap=True),
            look.Cell(row.reason if row else ""),
        )
    )
