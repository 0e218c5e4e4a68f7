"""Posts: what each may do, whom it reports to, whether it signs in with a one-time code."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import Found, Values, button, edit_view, post_choices, said_as, said_so
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined, pinyin_key
from shouwen.people import posts
from shouwen.people.models import Department, Grant, Post
from shouwen.people.rights import RIGHTS

MANAGE = "staff.manage"
GROUPS = {
    "cases": (gettext_lazy("事项"), ("case.", "complaint.")),
    "orders": (gettext_lazy("派工单"), ("order.",)),
    "estate": (gettext_lazy("房屋和住户"), ("estate.", "person.")),
    "billing": (gettext_lazy("收费"), ("billing.",)),
    "materials": (gettext_lazy("物品"), ("material.",)),
    "figures": (gettext_lazy("指标和清单"), ("report.", "data.")),
    "house": (gettext_lazy("人员和设置"), ()),
}
"""The rights in groups, by the beginnings of their codes; the last group has whatever no other has."""


def grouped() -> dict[str, list[tuple[str, str]]]:
    """Every right in its group, with its sentence."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS}
    for right, words in RIGHTS.items():
        home = next((name for name, (_title, heads) in GROUPS.items() if right.startswith(heads)), "house")
        found[home].append((right, str(words)))
    return found


class PostForm(CleanForm):
    locals().update(fields_of(Post, "name"))
    department = forms.ChoiceField(label=gettext_lazy("部门"), required=False)
    reports_to = forms.ChoiceField(
        label=gettext_lazy("上级岗位"),
        required=False,
        widget=Found,
        help_text=gettext_lazy("办不了、超时的事往上报给谁。"),
    )
    totp = forms.BooleanField(
        label=gettext_lazy("登录要动态口令"),
        required=False,
        help_text=gettext_lazy("下次登录时用手机上的验证器绑定。"),
    )
    active = forms.BooleanField(
        label=gettext_lazy("启用"),
        required=False,
        help_text=gettext_lazy("不启用的岗位不出现在可选的岗位里，随时可以再启用。"),
    )

    def __init__(self, *args: Any, code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = pgettext("one", "岗位")
        self.fields["name"].help_text = said_as(self.initial.get("name", ""))
        departments = [("", _("随上级岗位")), *Department.choices]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]
        self.fields["reports_to"].choices = post_choices(_("没有上级"), Post.objects.exclude(pk=code))  # type: ignore[attr-defined]
        for group, rights in grouped().items():
            self.fields[group] = forms.MultipleChoiceField(
                label=str(GROUPS[group][0]),
                choices=rights,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )


class NewPostForm(PostForm):
    """A new post asks for codes only once it stands: that is a change of its own."""

    totp = None  # type: ignore[assignment]
    active = None  # type: ignore[assignment]


def rights_of(typed: Typed) -> list[str]:
    return [right for group in GROUPS for right in typed[group]]


@require_GET
@staff_door(MANAGE)
def post_list(request: HttpRequest) -> HttpResponse:
    """All posts of the house, with who holds them here."""
    here = community(request)
    reached = Grant.objects.reaching([here.pk])

    def rows(found: list[Post]) -> list[look.TableRow]:
        held: dict[str, dict[str, None]] = defaultdict(dict)
        grants = reached.filter(post__in=found, staff__is_active=True).order_by("staff__pinyin")
        for code, name in grants.values_list("post", "staff__name"):
            held[code][name] = None
        return [_row(post, list(held[post.pk])) for post in found]

    return listing(  # type: ignore[return-value]
        request,
        title=_("岗位"),
        rows=Post.objects.select_related("reports_to"),
        keys=("-active", "sort", "code"),
        search=lambda found, text: found.filter(said_so(found, text) | Q(code__startswith=text.lower())),
        search_hint=_("岗位名称"),
        facets=_facets(reached),
        columns=(
            pgettext("one", "岗位"),
            _("部门"),
            _("上级"),
            _("在这里的人"),
            _("权限"),
            _("登录"),
            _("启用"),
        ),
        cells=rows,
        export=Export(
            (_("代码"), _("岗位"), _("部门"), _("上级"), _("权限"), _("动态口令"), _("启用")), each(_values)
        ),
        actions=(button("new", _("新建岗位"), reverse("post_new"), "plus"),),
        empty=_("还没有岗位。"),
    )


def _facets(reached: QuerySet[Grant]) -> tuple[Facet, ...]:
    """``reached`` are the grants that hold here."""
    use = (("yes", _("已启用")), ("no", _("未启用")))
    return (
        Facet("department", _("部门"), lambda rows, v: rows.filter(department=v), tuple(Department.choices)),
        Facet("active", _("启用"), lambda rows, v: rows.filter(active=v == "yes"), use),
        Facet(
            "held", _("这里有人"), lambda rows, _v: rows.filter(pk__in=reached.values("post")), kind="check"
        ),
        Facet("right", _("有权限"), lambda rows, v: rows.filter(rights__contains=[v]), tuple(RIGHTS.items())),
    )


def _row(post: Post, people: list[str]) -> look.TableRow:
    names = joined(people[:4]) + (_(" 等 %s 人") % len(people) if len(people) > 4 else "")
    return look.TableRow(
        url=reverse("post", args=[post.pk]),
        cells=(
            look.Cell(str(post), strong=True, nowrap=True),
            look.Cell(post.get_department_display(), nowrap=True),
            look.Cell(str(post.reports_to) if post.reports_to else "", dim=True, nowrap=True),
            look.Cell(names),
            look.Cell(
                _("%s 项") % len(post.rights) if post.rights else _("没有"), dim=not post.rights, nowrap=True
            ),
            look.Cell(tag=_("动态口令") if post.totp else ""),
            look.Cell(tag="" if post.active else _("未启用")),
        ),
    )


def _values(post: Post) -> tuple[Any, ...]:
    rights = joined(str(RIGHTS.get(right, right)) for right in post.rights)
    above = str(post.reports_to) if post.reports_to else ""
    totp, active = (_("是") if on else "" for on in (post.totp, post.active))
    return post.code, str(post), post.get_department_display(), above, rights, totp, active


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def post_new(request: HttpRequest) -> HttpResponse:
    """A post that the manuals don't have; its code is made of its name."""
    home = reverse("post_list")

    def pressed(typed: Typed) -> tuple[str, str]:
        row = posts.add_post(
            actor=viewer(request), code=free_code(typed["name"]), name=typed["name"],
            reports_to=typed["reports_to"], rights=rights_of(typed), department=typed["department"],
        )  # fmt: skip
        return reverse("post", args=[row.pk]), _("岗位“%s”已新建") % row.name

    def draw(data: Any, _files: Any) -> NewPostForm:
        return NewPostForm(data)

    return form_view(
        request, draw, pressed, title=_("新建岗位"), submit=_("新建岗位"), home=home,
        lead=_("只能给自己也有的权限。"), back=look.Link(_("岗位"), home),
    )  # fmt: skip


def free_code(name: str) -> str:
    """A code that no post has, from the pinyin of its name."""
    stem = re.sub(r"[^a-z0-9]+", "_", pinyin_key(name)).strip("_")[:30] or "post"
    taken = set(Post.objects.filter(pk__startswith=stem).values_list("pk", flat=True))
    return next(
        code for n in range(1, len(taken) + 2) if (code := stem if n == 1 else f"{stem}_{n}") not in taken
    )


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def post(request: HttpRequest, code: str) -> HttpResponse:
    """A post's name, superior and rights; they hold wherever the post is given."""
    rows = Post.objects.filter(pk=code)
    row = rows.first()
    if row is None:
        raise NotFound("not_found")
    home = reverse("post_list")

    def values() -> Values:
        now = rows.get()
        held = {group: [r for r, _words in rights if r in now.rights] for group, rights in grouped().items()}
        return {
            "name": now.name,
            "reports_to": now.reports_to_id or "",
            "totp": now.totp,
            "active": now.active,
            "department": now.department,
        } | held

    def pressed(typed: Typed) -> tuple[str, str]:
        posts.edit_post(
            code, actor=viewer(request), name=typed["name"], reports_to=typed["reports_to"],
            rights=rights_of(typed), totp=typed["totp"], department=typed["department"],
            active=typed["active"],
        )  # fmt: skip
        return home, _("岗位“%s”已保存") % typed["name"]

    def draw(data: Any, initial: Values) -> PostForm:
        return PostForm(data, initial=initial, code=code)

    return edit_view(
        request, draw, values, pressed, lock=rows, home=home, title=str(row), submit=_("保存岗位"),
        lead=_("岗位全公司共用，改了马上在每个授予它的地方起效；只能增减自己在那些地方也有的权限。"),
        back=look.Link(_("岗位"), home), aside=(_holders(request, row),),
    )  # fmt: skip


def _holders(request: HttpRequest, row: Post) -> look.Lines:
    """Who holds the post, as far as the viewer sees."""
    grants = Grant.objects.visible_to(viewer(request)).filter(post=row, staff__is_active=True).distinct()
    found = grants.select_related("staff", "community", "branch", "company").order_by("staff__pinyin", "pk")[
        :30
    ]
    lines = tuple(
        look.Line(
            g.staff.name,
            value=str(g.community or g.branch or g.company),
            icon="user",
            url=reverse("staff", args=[g.staff_id]),
        )
        for g in found
    )
    return look.Lines(_("谁有这个岗位"), lines, empty=_("还没有人。"), count=len(lines))
