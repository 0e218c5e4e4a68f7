"""Signing in: password, lock-out that grows, one-time codes, sessions. Everything is on record, secrets are not."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.estate.saving import save
from shouwen.kernel import clock, limits
from shouwen.kernel.actors import System
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import dotted
from shouwen.people.actions import MANAGE, close_session, colleague, end_sessions
from shouwen.people.models import Post, SignIn, Staff, TotpReset
from shouwen.people.viewers import StaffActor

# Failures allowed from one address against one account: five in a minute, then the wait grows.
TIERS = ((5, timedelta(minutes=1)), (10, timedelta(minutes=15)), (20, timedelta(hours=4)))
# An office behind one address signs in often; more than this from one address is somebody trying names.
_ADDRESS_TIER = (200, timedelta(hours=1))
BROWSERS = (
    ("MicroMessenger", _("微信")), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_SAME = _("新密码不能和现在的一样。")
_BETWEEN = _("；")
_WEAK = {
    "password_too_short": _("至少要 %(min_length)d 个字符"),
    "password_too_similar": _("不能和登录名或姓名太像"),
    "password_too_common": _("太常见，容易被猜到"),
    "password_entirely_numeric": _("不能全是数字"),
}


def check(username: str, password: str, *, address: str) -> Staff:
    """The active account that this password opens; refused aloud, with the minutes to wait after too many failures."""
    username = username.strip().lower()
    key = f"sign-in:{username}@{address}"
    last = _count(key, address)
    staff = Staff.objects.filter(username=username).first()
    if staff is None:
        make_password(password)  # takes as long as a wrong password: an unknown name must not answer sooner
    elif staff.check_password(password) and staff.is_active:
        for _limit, per in TIERS:
            limits.forget(key, per)
        return staff
    if staff is not None and last:
        with frame(System.of()):
            record("staff:locked_out", staff)
    raise Refused("wrong_sign_in")


def needs_totp(staff: Staff) -> bool:
    """Whether any post that the staff member holds asks for a one-time code."""
    return Post.objects.filter(totp=True, grants__staff=staff).exists() or enrolled(staff)


def enrolled(staff: Staff) -> bool:
    return bool(TOTPDevice.objects.filter(user=staff, confirmed=True).exists())


def enrolment(staff: Staff) -> TOTPDevice:
    """The device that waits to be confirmed: the same secret until it is."""
    device = TOTPDevice.objects.filter(user=staff, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=staff, name="totp", confirmed=False)


def verify_totp(staff: Staff, code: str, *, address: str) -> None:
    """Check a one-time code; the first right one confirms the device. A code works once."""
    key = f"totp:{staff.pk}@{address}"
    _count(key, address)
    confirmed = enrolled(staff)
    device = TOTPDevice.objects.filter(user=staff, confirmed=True).first() if confirmed else enrolment(staff)
    if device is None or not device.verify_token(code.replace(" ", "")):
        raise Refused("wrong_code")
    for _limit, per in TIERS:
        limits.forget(key, per)
    if not confirmed:
        with frame(StaffActor.of(staff)):
            device.confirmed = True
            device.save()
            record("staff:totp_enrolled", staff)


def opened(staff: Staff, *, session_key: str, address: str, agent: str) -> SignIn:
    """Put a completed sign-in on record, with the browser it came from."""
    with frame(StaffActor.of(staff)):
        row = save(
            SignIn(
                staff=staff,
                session_key=session_key,
                address=address or None,
                agent=agent[:200],
                at=clock.now(),
            )
        )
        record("staff:signed_in", staff, session=row.pk)
    return row


def moved(staff: Staff, *, before: str, session_key: str) -> None:
    """The same browser under a new session key, as after a new password."""
    SignIn.objects.filter(staff=staff, session_key=before, ended_at=None).update(session_key=session_key)


def close_expired() -> int:
    """Close what ran out by itself, so that the list of sessions shows only where somebody is signed in."""
    live = Session.objects.filter(expire_date__gt=clock.now())
    gone = SignIn.objects.filter(ended_at=None).exclude(session_key__in=live.values("session_key"))
    return gone.update(ended_at=clock.now())


def closed(staff: Staff, *, session_key: str) -> None:
    """Sign out of this browser."""
    with frame(StaffActor.of(staff)):
        row = SignIn.objects.filter(staff=staff, session_key=session_key, ended_at=None).first()
        if row:
            close_session(row)
            record("staff:signed_out", staff, session=row.pk)


def end_session(key: int, *, actor: StaffActor) -> SignIn:
    """End one of one's own sessions, or one of a colleague whom one manages."""
    with frame(actor):
        row = SignIn.objects.select_related("staff").filter(pk=key).first()
        if row is None:
            raise NotFound("not_found")
        if row.staff_id != actor.id:
            colleague(row.staff_id, actor)
        if row.ended_at is None:
            close_session(row)
            record("staff:session_ended", row.staff, session=row.pk)
    return row


def change_password(staff: Staff, *, old: str | None, new: str, session_key: str = "") -> Staff:
    """A new password of one's own choice; other sessions end. ``old`` None only at the forced first change."""
    if old is not None and not staff.check_password(old):
        raise Refused("wrong_password")
    why = password_trouble(staff, new)
    if why:
        raise Refused("bad_password", why=why)
    with frame(StaffActor.of(staff)):
        staff.set_password(new)
        staff.must_change = False
        save(staff)
        end_sessions(staff, but=session_key)
        record("staff:password_changed", staff)
    return staff


def password_trouble(staff: Staff, new: str) -> str:
    """Why a password is refused, empty if it is good; the one in use is no new one."""
    if staff.password and staff.check_password(new):
        return str(_SAME)
    try:
        validate_password(new, staff)
    except ValidationError as error:
        return str(_BETWEEN).join(_why_weak(one) for one in error.error_list)
    return ""


def _why_weak(error: ValidationError) -> str:
    """In our own words: Django's are not all translated."""
    sentence = _WEAK.get(str(error.code))
    return str(sentence) % (error.params or {}) if sentence else str(error.messages[0])


def ask_totp_reset(staff_id: int, *, actor: StaffActor) -> TotpReset:
    """First of two: a colleague lost the telephone that shows the codes."""
    with frame(actor):
        staff = _resettable(staff_id, actor)
        if not enrolled(staff):
            raise Refused("no_totp", name=staff.name)
        if TotpReset.objects.filter(staff=staff, done_at=None).exists():
            raise Refused("reset_pending")
        row = save(TotpReset(staff=staff, asked_by_id=actor.id, asked_at=clock.now()))
        record("staff:totp_reset_asked", staff, reset=row.pk)
    return row


def approve_totp_reset(key: int, *, actor: StaffActor) -> TotpReset:
    """Second of two, by somebody else: the device is forgotten, the next sign-in enrols a new one."""
    with frame(actor):
        row = TotpReset.objects.select_for_update(of=("self",)).filter(pk=key).first()
        if row is None:
            raise NotFound("not_found")
        staff = _resettable(row.staff_id, actor)
        if row.done_at:
            raise Refused("reset_done")
        if row.asked_by_id == actor.id:
            raise NotAllowed("reset_by_same")
        row.done_by_id, row.done_at = actor.id, clock.now()
        save(row)
        TOTPDevice.objects.filter(user=staff).delete()
        end_sessions(staff)
        record("staff:totp_reset_done", staff, reset=row.pk)
    return row


def _resettable(staff_id: int, actor: StaffActor) -> Staff:
    staff = colleague(staff_id, actor)
    if staff.pk == actor.id:
        raise NotAllowed("reset_own")
    if not actor.where(MANAGE):
        raise NotAllowed("right_missing")
    return staff


def _count(key: str, address: str) -> bool:
    """Count an attempt; refused while locked. True if this was the last one before a lock-out.

    The short window is asked first and a refused attempt is not counted in the longer ones: who waits the minute
    that was asked for doesn't wait longer.
    """
    last = False
    for limit, per in (*TIERS, _ADDRESS_TIER):
        counted = f"sign-in-address:{address}" if (limit, per) == _ADDRESS_TIER else key
        answer = limits.hit(counted, limit, per)
        if not answer:
            raise Refused("locked_out", minutes=-(-answer.retry_after // 60))
        last = last or answer.left == 0
    return last


def device(agent: str) -> str:
    """What one calls the thing one is signed in with: Chrome • Windows, 微信 • iPhone; of a name nobody knows its beginning."""
    known = [next((words for mark, words in some if mark in agent), "") for some in (BROWSERS, SYSTEMS)]
    return dotted(*known) or agent.partition("/")[0] or str(_("浏览器"))
