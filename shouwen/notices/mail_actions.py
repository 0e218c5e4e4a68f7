"""What may be done about e-mail: the mailbox of the house, its wordings, one's own way, another try of what was parked."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

from shouwen.estate.models import Community
from shouwen.estate.saving import everywhere, put, save
from shouwen.kernel import limits
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean, clean_line
from shouwen.notices import letters, outbox, smtp
from shouwen.notices.models import Letter, Mailbox, Way, Wording
from shouwen.people import actions as people

SETTING = "setting.edit"
TESTS, MINUTE = 3, timedelta(minutes=1)
TEST_PATIENCE = 6.0


def set_mailbox(
    *, actor: Actor, host: str, port: int, security: str, username: str, password: str, sender: str, sender_name: str,
    active: bool, quiet_from: time | None, quiet_to: time | None, digest_at: time,
) -> Mailbox:  # fmt: skip
    """Say where letters leave the house. An empty ``password`` keeps the known one, but not for another server."""
    with frame(actor):
        _allow(actor)
        row = Mailbox.objects.select_for_update().first() or Mailbox()
        fields = put(
            row,
            {
                "host": clean_line(host), "port": port, "security": security, "username": clean_line(username),
                "sender": clean_line(sender), "sender_name": clean_line(sender_name), "active": active,
                "quiet_from": quiet_from, "quiet_to": quiet_to, "digest_at": digest_at,
            },
        )  # fmt: skip
        if not row.username:
            row.password = None
        elif password:
            row.password, fields = password, f"{fields},password".strip(",")
        elif row.password and {"host", "username"} & set(fields.split(",")):
            raise Refused("mail.password_again")
        save(row)
        if fields:
            record("mailbox:changed", row, fields=fields)
    return row


def try_mailbox(*, actor: Actor, to: str) -> None:
    """Send one letter now and say what came of it; a few times a minute, since a mail server may take its time."""
    if not any(actor.may(SETTING, community) for community in actor.communities):
        raise NotAllowed("mail.everywhere")
    box = Mailbox.objects.first()
    if box is None:
        raise Refused("mail.not_set_up")
    counted = limits.hit("mail-test", TESTS, MINUTE)
    if not counted:
        raise Refused("mail.too_often", seconds=counted.retry_after)
    words = letters.filled(letters.preset("duty.late"), letters.example())
    try:
        connection = smtp.connect(box, TEST_PATIENCE)
        with connection:
            smtp.post(
                connection, box, smtp.Message(uuid4(), to, "", words.subject, words.body), TEST_PATIENCE
            )
    except (smtp.Bounced, smtp.Unreachable, RuntimeError) as error:
        raise Refused("mail.failed", why=str(error)) from error


def set_wording(code: str, *, actor: Actor, subject: str, body: str) -> Wording:
    """Word the letters of a code; refuses a placeholder that nothing stands for."""
    with frame(actor):
        _allow(actor)
        if code not in letters.codes():
            raise NotFound("not_found")
        for name in letters.unknown(f"{subject}\n{body}", code):
            raise Refused("mail.field", field=name)
        row = Wording.objects.select_for_update().filter(pk=code).first() or Wording(code=code)
        row.subject, row.body = clean_line(subject), clean(body)
        save(row)
        record("wording:changed", row)
    return row


def drop_wording(code: str, *, actor: Actor) -> None:
    """Go back to the preset; again is no fault."""
    with frame(actor):
        _allow(actor)
        row = Wording.objects.select_for_update().filter(pk=code).first()
        if row is not None:
            record("wording:dropped", row)
            row.delete()


def choose_way(*, actor: Actor, email: str, mail: str) -> Way:
    """What the actor wants to be told by e-mail, and at which address."""
    with frame(actor):
        staff = people.set_own_email(actor=actor, email=email)
        if not staff.email and mail in (Way.Mail.ALL, Way.Mail.DIGEST):
            raise Refused("mail.no_address")
        row = Way.objects.filter(pk=staff.pk).first() or Way(staff=staff)
        row.mail = mail
        save(row)
        record("way:chosen", staff, mail=mail)
    return row


def retry_parked(*, actor: Actor) -> int:
    """Try the parked letters again, in the communities whose settings the actor may change."""
    with frame(actor):
        mine = actor.where(SETTING)
        if not mine:
            raise NotAllowed("mail.everywhere")
        count = 0
        for here in Community.objects.filter(pk__in=mine).order_by("pk"):
            found = outbox.retry_parked(Letter.objects.filter(community=here))
            if found:
                record("letters:retried", here, count=found)
            count += found
    return count


def _allow(actor: Actor) -> None:
    if not everywhere(actor, SETTING):
        raise NotAllowed("mail.everywhere")
