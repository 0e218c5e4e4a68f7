"""Text messages to residents: the code of a sign-in, the link to rate. Nothing is sent while no carrier is set up."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases import ratings
from shouwen.cases.models import Case, State
from shouwen.kernel import vault
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Fact
from shouwen.notices import carriers
from shouwen.notices.smtp import Message
from shouwen.people import home_codes
from shouwen.people.home_sign_in import doubtful

SMS = "sms"
_NAMES = UUID("6f0c7f0e-8f4e-4c39-9f35-5b5e1a2d7c11")
VERBS, MERGED = frozenset({"case:done"}), frozenset({"case:merged"})


def can_text() -> bool:
    """Whether a carrier of text messages is set up."""
    return carriers.ready(SMS)


def _post(key: UUID, number: str, words: str) -> None:
    with carriers.CARRIERS[SMS].line() as post:
        post(Message(key, number, "", "", words))


def send_code(row_id: int) -> None:
    """Send the code of one request, if its number signs anybody in; a second run sends nothing."""
    if not can_text():
        return
    ready = home_codes.prepare(row_id)
    if ready is not None:
        number, code = ready
        words = _("验证码 %s，10 分钟内有效。我们的人不会问您要它。") % code
        _post(uuid5(_NAMES, f"code:{row_id}"), number, words)


def send_rating(fact: Fact) -> None:
    """Reader: ask whoever reported by a link of their own. Run twice it makes the same link and the same message."""
    case = Case.objects.select_related("person").filter(pk=UUID(fact.subject_id), state=State.DONE).first()
    if case is None or not can_text():
        return
    _tell_merged(fact, case)
    if not settings.SITE_URL or not (number := _number(case)):
        return
    secret = vault.digest(f"{fact.id}", "rating.sent").hex()
    ratings.make_link(case.pk, actor=System.of(case.community_id), secret=secret)
    url = settings.SITE_URL + reverse("portal:rate", args=[secret])
    _post(
        fact.id,
        number,
        _("%(title)s 办好了。办得怎么样？请评价：%(url)s") % {"title": case.title[:20], "url": url},
    )


def send_merged(fact: Fact) -> None:
    """Reader: tell whoever reported what somebody else had reported before, and who is told again when it is done."""
    rows = Case.objects.select_related("person", "merged_into")
    case = rows.filter(pk=UUID(fact.subject_id), state=State.MERGED).first()
    if case is None or case.merged_into is None or not can_text() or not (number := _number(case)):
        return
    known = {"title": case.title[:20], "number": case.merged_into.number}
    _post(fact.id, number, _("您报的“%(title)s”已并入 %(number)s 一起办，办好了告诉您。") % known)


def _tell_merged(fact: Fact, kept: Case) -> None:
    """The promise of ``send_merged``, kept; the question whether all is well goes to the kept case's household."""
    for case in kept.merged.select_related("person"):
        if number := _number(case):
            _post(uuid5(fact.id, str(case.pk)), number, _("您报的“%s”办好了。") % case.title[:20])


def _number(case: Case) -> str:
    """The number left with the case, else the asker's own that is not in doubt."""
    if case.phone:
        return str(case.phone)
    contacts = case.person.contacts.order_by("-primary", "id") if case.person else ()
    return next((str(c.number) for c in contacts if not doubtful(c)), "")
