"""What may be done about text messages: the gateway of the house, one message to try it."""

from __future__ import annotations

import re
from datetime import time, timedelta
from uuid import uuid4

from django.utils.translation import gettext as _

from shouwen.estate.saving import everywhere, put, save
from shouwen.kernel import limits, phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.kernel.text import clean_line
from shouwen.notices import gateway
from shouwen.notices.models import Gateway
from shouwen.notices.smtp import Bounced, Message, Unreachable

SETTING = "setting.edit"
TESTS, MINUTE = 3, timedelta(minutes=1)
TEST_PATIENCE = gateway.PATIENCE
# Headers that carry a secret; those that the message itself is made of are not ours to replace.
_HEADER = re.compile(r"(?!host$|connection$|content-|transfer-|idempotency-key$)[a-z0-9-]*", re.IGNORECASE)


def set_gateway(
    *, actor: Actor, url: str, form: str, phone_field: str, text_field: str, header: str, secret: str, success: str,
    signature: str, inside: bool, homes: bool, active: bool, quiet_from: time | None, quiet_to: time | None,
) -> Gateway:  # fmt: skip
    """Say where text messages leave the house. An empty ``secret`` keeps the known one, but not for another address."""
    with frame(actor):
        if not everywhere(actor, SETTING):
            raise NotAllowed("mail.everywhere")
        row = Gateway.objects.select_for_update().first() or Gateway()
        fields = put(
            row,
            {
                "url": clean_line(url), "form": form, "phone_field": clean_line(phone_field),
                "text_field": clean_line(text_field), "header": clean_line(header), "success": clean_line(success),
                "signature": clean_line(signature).strip("【】"), "inside": inside, "homes": homes, "active": active,
                "quiet_from": quiet_from, "quiet_to": quiet_to,
            },
        )  # fmt: skip
        _checked(row)
        if not row.header:
            row.secret = None
        elif secret:
            row.secret, fields = clean_line(secret), f"{fields},secret".strip(",")
        elif row.secret and {"url", "header"} & set(fields.split(",")):
            raise Refused("sms.secret_again")
        save(row)
        if fields:
            record("gateway:changed", row, fields=fields)
    return row


def _checked(row: Gateway) -> None:
    """An address that can be posted to; what its name points to is judged at each message."""
    try:
        goal = gateway.goal_of(row.url)
    except ValueError as error:
        raise Refused("sms.address", why=str(error)) from error
    if not goal.tls and not row.inside:
        raise Refused("sms.address", why=_("外网的网关只能用 https"))
    if not _HEADER.fullmatch(row.header):
        raise Refused("sms.header")


def try_gateway(*, actor: Actor, to: str) -> str:
    """Send one message now and say what came of it; a few times a minute. Returns the number it went to."""
    if not everywhere(actor, SETTING):
        raise NotAllowed("mail.everywhere")
    row = Gateway.objects.first()
    if row is None:
        raise Refused("sms.not_set_up")
    try:
        number = phones.normalise(to)
    except ValueError as error:
        raise Refused("bad_phone", why=str(error)) from error
    counted = limits.hit("sms-test", TESTS, MINUTE)
    if not counted:
        raise Refused("mail.too_often", seconds=counted.retry_after)
    try:
        gateway.post(row, Message(uuid4(), number, "", "", _("这是一条试发的短信。")), TEST_PATIENCE)
    except (Bounced, Unreachable) as error:
        raise Refused("mail.failed", why=str(error).replace(number, "…")) from error
    return number
