"""What went out and what did not, by every carrier, and another try for what was given up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.front import look
from shouwen.front.doors import done, staff_door, viewer
from shouwen.front.settings_mail import RIGHT, about
from shouwen.front.tables import Export, Facet, each, listing, within
from shouwen.kernel import clock
from shouwen.kernel.text import mask_name
from shouwen.notices import mail_actions as actions
from shouwen.notices.carriers import CARRIERS
from shouwen.notices.models import Letter

TONES: dict[str, look.Tone] = {"waiting": "running", "sent": "done", "parked": "over", "void": "plain"}


@require_GET
@staff_door(RIGHT)
def letter_list(request: HttpRequest) -> HttpResponse:
    """Every letter of the viewer's communities, the newest first: what went out, what waits, what was given up."""
    me = viewer(request)
    rows = Letter.objects.visible_to(me).filter(community__in=me.where(RIGHT))
    given_up = rows.filter(state=Letter.State.PARKED)[:100].count()
    retry = look.Action(
        "retry", _("搁置的再试一次"), reverse("letters_retry"), icon="refresh", post=True, primary=True
    )
    return listing(  # type: ignore[return-value]
        request,
        title=_("外发记录"),
        lead=_("搁置 %s") % given_up if given_up else "",
        rows=rows.select_related("staff", "person"),
        keys=("-at", "-id"),
        facets=(
            Facet("state", _("状态"), lambda found, v: found.filter(state=v), Letter.State.choices),
            *within("at"),
        ),
        columns=(_("时间"), _("收信人"), _("什么事"), _("通道"), _("状态"), _("试过")),
        cells=_letters,
        export=LETTERS,
        actions=(retry,) if given_up else (),
        empty=_("还没有外发。"),
    )


def _to(n: Letter) -> tuple[str, str]:
    """Name and address; of a resident no more than one needs to find them again."""
    if n.staff:
        return n.staff.name, n.staff.email
    return mask_name(n.person.name) if n.person else "", pgettext("one person", "住户")


def _letters(rows: list[Letter]) -> list[look.TableRow]:
    return [
        look.TableRow(
            (
                look.Cell(clock.said(n.at), nowrap=True, dim=True),
                look.Cell(_to(n)[0], sub=_to(n)[1], nowrap=True),
                look.Cell(about(n.code)),
                look.Cell(str(CARRIERS[n.carrier].name), nowrap=True),
                look.Cell(sub=_later(n), tag=str(n.get_state_display()), tag_tone=TONES[n.state]),
                look.Cell(str(n.attempts), dim=True),
            ),
            id=str(n.pk),
        )
        for n in rows
    ]


def _letter_line(n: Letter) -> tuple[object, ...]:
    return (
        n.at,
        *_to(n),
        about(n.code),
        str(CARRIERS[n.carrier].name),
        n.get_state_display(),
        n.attempts,
        n.error,
    )


LETTERS = Export(
    (
        gettext_lazy("时间"), gettext_lazy("收信人"), gettext_lazy("邮箱"), gettext_lazy("什么事"), gettext_lazy("通道"),
        gettext_lazy("状态"), gettext_lazy("试过"), gettext_lazy("原因"),
    ),
    each(_letter_line),
)  # fmt: skip


def _later(row: Letter) -> str:
    """Why it did not go yet, and when it is tried next."""
    if row.state == Letter.State.WAITING:
        return " ".join(filter(None, (row.error, _("下次 %s") % clock.said(row.run_at))))
    return clock.said(row.sent_at) if row.sent_at else row.error


@require_http_methods(["POST"])
@staff_door(RIGHT)
def letters_retry(request: HttpRequest) -> HttpResponse:
    """Try the parked ones again."""
    count = actions.retry_parked(actor=viewer(request))
    return done(request, reverse("letter_list"), _("%s 封搁置的会再试一次") % count)
