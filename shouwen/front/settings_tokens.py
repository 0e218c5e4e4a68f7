"""Tokens: keys with which other systems register and read cases of one community."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, confirm, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import button, colleagues, secret
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined
from shouwen.people import actions
from shouwen.people.models import Token
from shouwen.people.rights import RIGHTS, holds

MANAGE = "staff.manage"


class TokenForm(CleanForm):
    locals().update(fields_of(Token, "name"))
    staff_id = forms.TypedChoiceField(
        label=gettext_lazy("由谁负责"),
        coerce=int,
        help_text=gettext_lazy("用令牌做的事算在这位同事名下；他停用时令牌一起失效。"),
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("权限"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只给用得着的；只能给自己也有的。"),
    )

    def __init__(
        self, *args: Any, people: list[tuple[int, str]], rights: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("例：市民热线、业主门户。")
        self.fields["staff_id"].choices = [("", _("请选择")), *people]  # type: ignore[attr-defined]
        self.fields["rights"].choices = rights  # type: ignore[attr-defined]


@require_GET
@staff_door(MANAGE)
def token_list(request: HttpRequest) -> HttpResponse:
    """The keys of this community; ended ones stay in the list."""
    rows = Token.objects.visible_to(viewer(request)).filter(community=community(request))
    return listing(  # type: ignore[return-value]
        request,
        title=_("接口令牌"),
        rows=rows.select_related("staff"),
        keys=("-created_at", "-id"),
        search=lambda found, text: found.filter(name__contains=text),
        search_hint=_("用途"),
        facets=(Facet("state", _("状态"), _in_state, (("open", _("在用")), ("ended", _("已停用")))),),
        columns=(_("用途"), _("由谁负责"), _("权限"), _("发放"), _("状态")),
        cells=_rows,
        export=Export(
            (_("用途"), _("由谁负责"), _("权限"), _("发放"), _("停用")),
            each(lambda t: (t.name, t.staff.name, _rights(t), t.created_at, t.ended_at)),
        ),
        actions=(button("new", _("发放令牌"), reverse("token_new"), "plus", primary=True),),
        empty=_("还没有令牌。别的系统要登记或查询事项时，在这里发一把。"),
    )


def _in_state(rows: QuerySet[Token], state: str) -> QuerySet[Token]:
    return rows.filter(ended_at__isnull=state == "open")


def _rights(token: Token) -> str:
    return joined(str(RIGHTS.get(right, right)) for right in token.rights)


def _rows(tokens: list[Token]) -> list[look.TableRow]:
    return [
        look.TableRow(
            cells=(
                look.Cell(t.name, strong=t.ended_at is None, dim=t.ended_at is not None),
                look.Cell(t.staff.name, nowrap=True),
                look.Cell(_rights(t), dim=True),
                look.Cell(f"{clock.local(t.created_at):%Y-%m-%d}", nowrap=True, dim=True),
                look.Cell(
                    tag=_("在用") if t.ended_at is None else _("已停用"),
                    tag_tone="done" if t.ended_at is None else "plain",
                ),
            ),
            actions=()
            if t.ended_at
            else (button(f"end-{t.pk}", _("停用"), reverse("token_end", args=[t.pk]), "x"),),
        )
        for t in tokens
    ]


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def token_new(request: HttpRequest) -> HttpResponse:
    """A new key. Its secret is shown here and nowhere again: only a digest is kept."""
    me, here, home = viewer(request), community(request), reverse("token_list")
    mine = [(right, str(words)) for right, words in RIGHTS.items() if holds(me, right, here.pk)]
    people = colleagues(here.pk)
    made: list[tuple[Token, str]] = []

    def pressed(typed: Typed) -> tuple[str, str]:
        made.append(actions.issue_token(here.pk, actor=me, **typed))
        return home, ""

    def draw(data: Any, _files: Any) -> TokenForm:
        return TokenForm(data, people=people, rights=mine)

    answer = form_view(
        request, draw, pressed, title=_("发放令牌"), submit=_("发放令牌"), home=home,
        lead=_("只能用在%s。") % here.name, back=look.Link(_("接口令牌"), home),
    )  # fmt: skip
    if not made:
        return answer
    row, words = made[0]
    return secret(
        request, title=_("令牌已发放"),
        lead=_("令牌只显示这一次，请马上抄到要用的系统里；丢了就停用这一把，再发一把。"),
        shown=((_("用途"), row.name), (_("令牌"), words)), home=look.Link(_("记下了"), home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def token_end(request: HttpRequest, key: int) -> HttpResponse:
    """Make a key worthless at once."""
    row = Token.objects.visible_to(viewer(request)).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")

    def act() -> str:
        actions.end_token(key, actor=viewer(request))
        return _("令牌“%s”已停用") % row.name

    return confirm(
        request, act, title=_("停用令牌“%s”") % row.name, submit=_("停用"), home=reverse("token_list"), icon="x",
        lead=_("用它的系统马上不能再登记和查询，停用后不能恢复。"),
    )  # fmt: skip
