"""What is sent at once and to somebody who waits for it: the code of a sign-in, the proof of an address.

Letters about matters are in `letters`.
"""

from __future__ import annotations

import logging
from uuid import UUID, uuid5

from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.estate.models import Person
from shouwen.notices import carriers
from shouwen.notices.carriers import EMAIL, SMS
from shouwen.notices.home_actions import proven
from shouwen.notices.smtp import Bounced, Message, Unreachable
from shouwen.people import home_codes

log = logging.getLogger(__name__)
_NAMES = UUID("6f0c7f0e-8f4e-4c39-9f35-5b5e1a2d7c11")


def can_text() -> bool:
    """Whether a carrier of text messages is set up."""
    return carriers.ready(SMS)


def send_code(row_id: int) -> None:
    """Send the code of one request, if its number signs anybody in; a second run sends nothing.

    Nobody is told what became of it: the page says the same for every number.
    """
    if not can_text():
        return
    ready = home_codes.prepare(row_id)
    if ready is None:
        return
    number, code = ready
    words = _("验证码 %s，10 分钟内有效。我们的人不会问您要它。") % code
    try:
        with carriers.CARRIERS[SMS].line() as post:
            post(Message(uuid5(_NAMES, f"code:{row_id}"), number, "", "", words))
    except (Bounced, Unreachable) as error:
        log.warning("a code was not sent: %s", str(error).replace(number, "…"))


def send_proof(person_id: int, token: str, url: str, language: str) -> None:
    """Ask at a new address whether it is the one that was meant; nobody else reads it before that."""
    found, person = proven(token), Person.objects.filter(pk=person_id).first()
    if found is None or person is None or not carriers.ready(EMAIL):
        return
    with translation.override(language or None):
        words = _(
            "%(name)s：\n\n点开下面的网址，按一下，以后报的事有进展就发到这个邮箱。24 小时内有效。\n\n%(url)s\n\n不是您填的？不用理它。"
        )
        told = Message(
            uuid5(_NAMES, token),
            found[1],
            person.name,
            _("请确认邮箱"),
            words % {"name": person.name, "url": url},
        )
    try:
        with carriers.CARRIERS[EMAIL].line() as post:
            post(told)
    except (Bounced, Unreachable, RuntimeError) as error:
        log.warning("a proof was not sent: %s", str(error).replace(found[1], "…"))
