"""The code of a sign-in as a text message. Letters about matters are in `letters`: a code waits for nothing."""

from __future__ import annotations

import logging
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from shouwen.notices import carriers
from shouwen.notices.carriers import SMS
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
