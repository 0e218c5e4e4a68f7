"""The public holidays of a year: what the house knows, what is imported or mended here, and what is still a guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.hours import WEEKDAYS
from shouwen.estate.models import CalendarDay, Community
from shouwen.estate.public import Row, rows_of
from shouwen.estate.public_actions import YEARS, publish, set_public_day, withdraw
from shouwen.estate.public_reading import MOST_LETTERS, Announced, read
from shouwen.front import look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.settings_parts import button, table
from shouwen.kernel import clock
from shouwen.kernel.doors import Day
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import seeded

RIGHT = "setting.edit"
KINDS = dict(CalendarDay.Kind.choices)


def years_table(here: Community) -> look.TableList:
    """The year that runs, the one before and two to come: where their holidays come from."""
    this = clock.today(here.zone).year
    rows = []
    for year in range(this - 1, this + 3):
        days, own = rows_of(here.pk, year)
        off = sum(row.kind == CalendarDay.Kind.HOLIDAY for row in days)
        state = _("本项目的表") if own else _("内置") if days else _("还没公布，暂按平日算")
        count = _("休息 %(off)d 天，调休上班 %(work)d 天") % {"off": off, "work": len(days) - off}
        cells = (
            look.Cell(str(year), strong=True),
            look.Cell(state, tag="" if days else _("暂定"), tag_tone="soon"),
            look.Cell(count if days else "", dim=True),
        )
        rows.append(look.TableRow(cells, url=reverse("holiday_year", args=[year])))
    actions = (button("holiday-import", _("导入一年的假日"), reverse("holiday_import"), "upload"),)
    return table(
        _("法定假日和调休"), (_("年份"), pgettext("of a calendar", "来源"), _("天数")), rows, actions=actions
    )


@require_GET
@staff_door(RIGHT)
def holiday_year(request: HttpRequest, year: int) -> HttpResponse:
    """The days of one year's announcement, each of which may be mended."""
    here = community(request)
    _known(year)
    days, own = rows_of(here.pk, year)
    actions = [button("add", _("加一天"), reverse("holiday_day", args=[year]), "plus", primary=True)]
    if own:
        actions.append(button("back", _("用回内置的"), reverse("holiday_back", args=[year]), "x"))
    context = {
        "title": _("%s 年法定假日和调休") % year,
        "lead": _("本项目的表") if own else _("内置") if days else _("还没公布，暂按平日算"),
        "back": look.Link(_("服务时间"), reverse("hours")),
        "actions": tuple(actions),
        "tables": (_days(days, year),),
    }
    return page(request, "front/detail.html", context)


def _days(days: Sequence[Row], year: int) -> look.TableList:
    rows = [
        look.TableRow(
            cells=(
                look.Cell(f"{row.on:%Y-%m-%d}", sub=str(WEEKDAYS[row.on.weekday()]), nowrap=True),
                look.Cell(seeded(row.name)),
                look.Cell(tag=str(KINDS[row.kind])),
            ),
            actions=(
                look.Action(
                    "mend", _("修改"), f"{reverse('holiday_day', args=[year])}?on={row.on}", icon="edit"
                ),
            ),
        )
        for row in days
    ]
    empty = _("这一年国务院还没公布。公布后导入，或一天天加。")
    return table(_("日子"), (_("日期"), _("节日"), _("安排")), rows, empty=empty)


class PublicDayForm(forms.Form):
    on = Day(label=gettext_lazy("日期"))
    kind = forms.ChoiceField(
        label=gettext_lazy("安排"),
        choices=(*CalendarDay.Kind.choices, ("", gettext_lazy("从表里去掉，按星期"))),
        widget=forms.RadioSelect,
        required=False,
    )
    name = forms.CharField(label=gettext_lazy("节日"), max_length=20, required=False)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def holiday_day(request: HttpRequest, year: int) -> HttpResponse:
    """Mend one day of a year's announcement."""
    here = community(request)
    _known(year)
    found = next(
        (row for row in rows_of(here.pk, year)[0] if row.on.isoformat() == request.GET.get("on")), None
    )

    def draw(data: Any, _files: Any) -> PublicDayForm:
        return PublicDayForm(data, initial=found._asdict() if found else {"kind": CalendarDay.Kind.HOLIDAY})

    def pressed(typed: Typed) -> tuple[str, str]:
        set_public_day(
            here.pk, year, typed["on"], typed["kind"] or None, actor=viewer(request), name=typed["name"]
        )
        kind = KINDS.get(typed["kind"], _("按星期"))
        return reverse("holiday_year", args=[year]), _("%(day)s %(kind)s") % {
            "day": typed["on"],
            "kind": kind,
        }

    home = reverse("holiday_year", args=[year])
    return form_view(
        request, draw, pressed, title=_("%s 年的一天") % year, submit=_("保存这一天"), home=home,
        lead=_("改动只对以后产生的时限起效，正在走的按产生时的承诺。"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def holiday_back(request: HttpRequest, year: int) -> HttpResponse:
    """Take the community's own table of a year away."""
    here = community(request)
    _known(year)

    def act() -> str:
        withdraw(here.pk, year, actor=viewer(request))
        return _("%s 年用回内置的假日") % year

    return confirm(
        request, act, title=_("用回内置的"), submit=_("用回内置的"), home=reverse("holiday_year", args=[year]),
        lead=_("本项目 %s 年的表会去掉；内置的也没有这一年时，暂按平日算。") % year, icon="x",
    )  # fmt: skip


def _known(year: int) -> None:
    if year not in YEARS:
        raise NotFound("not_found")


# --- import -----------------------------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    """A file, or its text: after a look the text stands in the field, so that nothing has to be chosen again."""

    file = forms.FileField(label=gettext_lazy("JSON 文件"), required=False)
    text = forms.CharField(
        label=gettext_lazy("或粘贴内容"), required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy('写法：{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}'),
    )  # fmt: skip
    everywhere = forms.BooleanField(label=gettext_lazy("我能设置的项目都导入"), required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if upload := typed.get("file"):
            typed["text"] = upload.read(MOST_LETTERS * 4).decode("utf-8-sig", errors="replace")
        if not (typed.get("text") or "").strip():
            self.add_error("file", _("请选择文件，或粘贴内容。"))
        return typed


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def holiday_import(request: HttpRequest) -> HttpResponse:
    """Import a year's announcement: look first, line by line; a file with a fault is not imported at all."""
    here = community(request)
    tables: tuple[look.TableList, ...] = ()
    posted = request.method == "POST"
    form = ImportForm(request.POST if posted else None, request.FILES if posted else None)
    status = 422 if posted else 200
    if posted and form.is_valid():
        text = form.cleaned_data["text"]
        found = _read(here, text)
        if "preview" not in request.POST and not (found.fault or found.faults):
            try:
                return _imported(request, here, found, everywhere=form.cleaned_data["everywhere"])
            except Refused as refusal:
                form.add_error(None, str(refusal))
        tables = _looked(found)
        if sentence := found.fault or (
            _("有 %d 行不对，一行也没有导入。") % found.faults if found.faults else ""
        ):
            form.add_error(None, sentence)
        status = 422 if form.errors else 200
        form.data = {**request.POST.dict(), "text": text}  # the file's own text stands in the field
    context = {
        "title": _("导入一年的假日"),
        "lead": _("国务院公布后，把那一年的 JSON 导进来。先检查，再导入。"),
        "form": form,
        "submit": _("导入"),
        "preview": _("先检查"),
        "cancel_url": reverse("hours"),
        "back": look.Link(_("服务时间"), reverse("hours")),
        "tables": tables,
    }
    return page(request, "front/form.html", context, status=status)


def _read(here: Community, text: str) -> Announced:
    year = read(text).year
    return read(text, {year: rows_of(here.pk, year)[0]} if year else None)


def _imported(request: HttpRequest, here: Community, found: Announced, *, everywhere: bool) -> HttpResponse:
    me = viewer(request)
    places = [key for key in me.communities if me.may(RIGHT, key)] if everywhere else [here.pk]
    done_in = publish(places, found.year, found.rows, actor=me)
    words = {"year": found.year, "n": len(found.rows), "places": len(done_in)}
    sentence = _("%(year)d 年 %(n)d 天已导入 %(places)d 个项目") % words
    return done(request, reverse("holiday_year", args=[found.year]), sentence)


def _looked(found: Announced) -> tuple[look.TableList, ...]:
    lines = [
        look.TableRow(
            (
                look.Cell(
                    f"{line.row.on}" if line.row else line.words,
                    sub=str(WEEKDAYS[line.row.on.weekday()]) if line.row else "",
                ),
                look.Cell(seeded(line.row.name) if line.row else ""),
                look.Cell(str(KINDS[line.row.kind]) if line.row else ""),
                look.Cell(
                    line.fault or line.change,
                    strong=bool(line.fault),
                    icon="alert-triangle" if line.fault else "",
                ),
            )
        )
        for line in found.lines
    ]
    gone = [
        look.TableRow(
            (
                look.Cell(f"{row.on}"),
                look.Cell(seeded(row.name)),
                look.Cell(str(KINDS[row.kind])),
                look.Cell(_("去掉")),
            )
        )
        for row in found.gone
    ]
    columns = (_("日期"), _("节日"), _("安排"), _("结果"))
    title = _("%s 年") % found.year if found.year else _("检查结果")
    return (table(title, columns, [*lines, *gone], empty=_("没有一行能看懂。")),)
