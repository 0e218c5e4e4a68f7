"""Categories: what residents bring, which trade is sent, which words suggest it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.cases import category_actions as actions
from shouwen.cases.models import Category, Kind
from shouwen.front import look
from shouwen.front.caseview import KIND_ICONS
from shouwen.front.doors import staff_door, viewer
from shouwen.front.forming import Typed, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import Values, button, edit_view, said_as, said_so
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel.refusals import NotFound
from shouwen.people.models import Trade

RIGHT = "setting.edit"
HEARD = gettext_lazy("登记时一句话里出现这些词，就建议这个分类；用空格分开。")


class NewCategoryForm(CleanForm):
    locals().update(fields_of(Category, "name", "kind", "trade", "words", "urgent"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = HEARD
        self.fields["urgent"].help_text = _("选了之后，这类事项登记时按紧急办。")


class CategoryForm(CleanForm):
    locals().update(fields_of(Category, "name", "trade", "words", "urgent", "sort", "active"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = said_as(self.initial.get("name", ""))
        self.fields["words"].help_text = HEARD
        self.fields["sort"].label = _("顺序")
        self.fields["sort"].help_text = _("小的在前；同一类型的最后一个收别处都不合适的事项。")
        self.fields["active"].help_text = _("停用后登记时选不到，已有的事项不变。")


@require_GET
@staff_door(RIGHT)
def category_list(request: HttpRequest) -> HttpResponse:
    """All categories of the house, by kind, in the order in which they are offered."""
    mine = actions.may_edit(viewer(request))
    why = "" if mine else _("分类全公司共用，要在每个项目都有改设置的权限才能改。")
    return listing(  # type: ignore[return-value]
        request,
        title=pgettext("page", "分类"),
        rows=Category.objects.all(),
        keys=("kind", "sort", "code"),
        search=lambda rows, text: rows.filter(said_so(rows, text) | Q(words__contains=text)),
        search_hint=_("分类、识别词"),
        facets=(
            Facet("kind", _("类型"), lambda rows, v: rows.filter(kind=v), Kind.choices),
            Facet("trade", _("工种"), lambda rows, v: rows.filter(trade=v), Trade.choices),
            Facet("closed", _("只看停用"), lambda rows, _v: rows.filter(active=False), kind="check"),
        ),
        columns=(_("分类"), _("类型"), _("工种"), _("识别词"), _("状态")),
        cells=_rows,
        export=Export(
            (_("代码"), _("分类"), _("类型"), _("工种"), _("识别词"), _("紧急"), _("启用"), _("顺序")),
            each(_values),
        ),
        actions=(button("new", _("新建分类"), reverse("category_new"), "plus", refused=why, primary=mine),),
        empty=_("还没有分类。"),
    )


def _rows(categories: list[Category]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("category", args=[c.pk]),
            cells=(
                look.Cell(
                    str(c), strong=c.active, dim=not c.active, nowrap=True, tag=_("紧急") if c.urgent else ""
                ),
                look.Cell(str(c.get_kind_display()), icon=KIND_ICONS[Kind(c.kind)], nowrap=True),
                look.Cell(str(c.get_trade_display()), nowrap=True),
                look.Cell(c.words, dim=True),
                look.Cell(tag="" if c.active else _("停用")),
            ),
        )
        for c in categories
    ]


def _values(c: Category) -> tuple[Any, ...]:
    yes = {True: _("是"), False: ""}
    return (
        c.code, str(c), c.get_kind_display(), c.get_trade_display(), c.words, yes[c.urgent], yes[c.active], c.sort,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def category_new(request: HttpRequest) -> HttpResponse:
    """A category that the house doesn't have yet."""
    home = reverse("category_list")

    def pressed(typed: Typed) -> tuple[str, str]:
        row = actions.add_category(actor=viewer(request), **typed)
        return home, _("分类“%s”已新建") % row.name

    def draw(data: Any, _files: Any) -> NewCategoryForm:
        return NewCategoryForm(data)

    return form_view(
        request,
        draw,
        pressed,
        title=_("新建分类"),
        submit=_("新建分类"),
        home=home,
        back=look.Link(pgettext("page", "分类"), home),
    )


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def category(request: HttpRequest, code: str) -> HttpResponse:
    """A category's particulars; taken out of use here too."""
    found = Category.objects.filter(pk=code)
    row = found.first()
    if row is None:
        raise NotFound("not_found")
    me, home = viewer(request), reverse("category_list")

    def values() -> Values:
        return dict(found.values("name", "trade", "words", "urgent", "sort", "active").get())

    def pressed(typed: Typed) -> tuple[str, str]:
        active = typed.pop("active")
        actions.edit_category(code, actor=me, **typed)
        (actions.reactivate_category if active else actions.deactivate_category)(code, actor=me)
        return home, _("分类“%s”已保存") % typed["name"]

    # All of the kind in one order, as the action locks them: two colleagues never wait for each other.
    kind = Category.objects.filter(kind=row.kind).order_by("pk")
    return edit_view(
        request, CategoryForm, values, pressed, lock=kind, home=home,
        title=str(row), lead=str(row.get_kind_display()), submit=_("保存分类"), back=look.Link(pgettext("page", "分类"), home),
    )  # fmt: skip
