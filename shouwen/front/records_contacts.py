"""The telephones and the identity number of a person: added, changed, deleted after a second look, shown for a purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwen.estate import persons_actions as actions
from shouwen.estate.models import Contact, Person
from shouwen.front import look
from shouwen.front.doors import page, staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.record_forms import ContactEditForm, ContactForm, PurposeForm
from shouwen.front.records_people import EDIT, fetch_person, home_of
from shouwen.kernel.refusals import NotFound


def _fetch_contact(request: HttpRequest, key: int, right: str) -> Contact:
    """The telephone of this key where the viewer holds the right; NotFound otherwise."""
    rows = Contact.objects.filter(community_id__in=viewer(request).where(right))
    found = rows.select_related("person").filter(pk=key).first()
    if found is None:
        raise NotFound("not_found")
    return found


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def contact_new(request: HttpRequest, key: int) -> HttpResponse:
    """A telephone more."""
    row = fetch_person(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        actions.add_contact(row.pk, actor=viewer(request), **typed)
        return home_of(row), _("电话已登记")

    return form_view(
        request, lambda data, _files: ContactForm(data), act,
        title=_("加电话：%s") % row.name, submit=_("登记电话"), home=home_of(row),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def contact_edit(request: HttpRequest, key: int) -> HttpResponse:
    """What is said about a number, and whether it is called first."""
    row = _fetch_contact(request, key, "estate.see")
    home, initial = home_of(row.person), {"label": row.label, "primary": row.primary}

    def act(typed: Typed) -> tuple[str, str]:
        actions.edit_contact(row.pk, actor=viewer(request), **typed)
        return home, _("%s 已保存") % row.masked

    return form_view(
        request, lambda data, _files: ContactEditForm(data, initial=initial), act,
        title=_("修改 %s") % row.masked, submit=_("保存电话"), home=home,
        lead=_("号码变了，就登记新的，再删除旧的。"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def contact_remove(request: HttpRequest, key: int) -> HttpResponse:
    """A number that is wrong: shown first, gone after the second press."""
    row = _fetch_contact(request, key, "estate.see")
    words = {"name": row.person.name, "phone": row.masked}

    def act() -> str:
        actions.remove_contact(row.pk, actor=viewer(request))
        return _("%(name)s的电话 %(phone)s 已删除") % words

    return confirm(
        request, act, title=_("删除%(name)s的电话 %(phone)s") % words, submit=_("删除电话"), icon="x",
        home=home_of(row.person),
        lead=_("删除后不能撤回，按这个号码也查不到%(name)s；以前的事项和留痕都保留。") % words,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def contact_confirm(request: HttpRequest, key: int) -> HttpResponse:
    """The number was checked with its owner: it may sign them in."""
    row = _fetch_contact(request, key, "estate.see")
    words = {"name": row.person.name, "phone": row.masked}

    def act() -> str:
        actions.confirm_contact(row.pk, actor=viewer(request))
        return _("%(phone)s 已确认是%(name)s的电话") % words

    return confirm(
        request, act, title=_("确认 %(phone)s 仍是%(name)s的电话") % words, submit=_("确认号码"),
        home=home_of(row.person),
        lead=_("迁出过的住户，号码可能已经换了主人。当面或回拨核对过再确认，之后可用验证码登录。"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
@staff_door("person.reveal")
def phone_reveal(request: HttpRequest, key: int) -> HttpResponse:
    """The whole number, for a purpose that goes on record."""
    contact = _fetch_contact(request, key, "person.reveal")
    return _reveal(
        request,
        contact.person,
        _("电话"),
        lambda purpose: actions.reveal_phone(key, purpose, actor=viewer(request)),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@staff_door("person.reveal")
def identity_reveal(request: HttpRequest, key: int) -> HttpResponse:
    """The whole identity number, for a purpose that goes on record."""
    row = fetch_person(request, key)
    return _reveal(
        request,
        row,
        _("证件号码"),
        lambda purpose: actions.reveal_identity(key, purpose, actor=viewer(request)),
    )


def _reveal(request: HttpRequest, row: Person, what: str, tell: Callable[[str], str]) -> HttpResponse:
    form = PurposeForm(request.POST or None)
    home = home_of(row)
    context: dict[str, Any] = {
        "title": _("%(name)s 的%(what)s") % {"name": row.name, "what": what},
        "lead": _("查看会留下记录：谁、何时、为什么。"),
        "form": form,
        "submit": _("显示"),
        "cancel_url": home,
        "back": look.Link(row.name, home),
    }
    if request.method == "POST" and form.is_valid():
        context["number"] = tell(form.cleaned_data["purpose"])
        return page(request, "front/records/revealed.html", context)
    if getattr(request, "htmx", False):
        shown = look.Action("form", _("显示"), request.get_full_path(), icon="eye")
        return page(request, "front/parts/act_form.html", context | {"act": shown})
    return page(request, "front/form.html", context, status=422 if form.is_bound else 200)
