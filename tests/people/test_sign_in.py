"""Signing in: the right password, the wait after wrong ones, the second factor and its reset by two."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import translation
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import sign_in
from shouwen.people.models import SignIn
from tests.cast import PASSWORD, make_staff

HERE, THERE = "10.0.0.1", "10.0.0.2"


def code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06d}"


def wrong(times: int, address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(Refused, match="登录名或密码不对"):
            sign_in.check("bob", "nope", address=address)


def test_the_right_password_opens_whatever_the_case_of_the_name(cast):
    assert sign_in.check(" Bob ", PASSWORD, address=HERE) == cast.bob


def test_unknown_names_and_closed_accounts_are_answered_alike(cast):
    cast.bob.is_active = False
    cast.bob.save()
    for name in ("bob", "nobody"):
        with pytest.raises(Refused, match="登录名或密码不对"):
            sign_in.check(name, PASSWORD, address=HERE)


def test_five_failures_lock_this_address_and_no_other(cast):
    with time_machine.travel("2026-03-02 02:00:05+00:00", tick=False):
        wrong(5)
        with pytest.raises(Refused, match="1 分钟后"):
            sign_in.check("bob", PASSWORD, address=HERE)
        assert sign_in.check("bob", PASSWORD, address=THERE) == cast.bob
    assert Entry.objects.filter(verb="staff:locked_out").count() == 1


def test_the_wait_grows(cast):
    with time_machine.travel("2026-03-02 02:00:05+00:00", tick=False) as now:
        wrong(5)
        now.shift(timedelta(minutes=1))
        wrong(5)
        now.shift(timedelta(minutes=1))
        with pytest.raises(Refused, match="13 分钟后"):
            sign_in.check("bob", PASSWORD, address=HERE)
        now.shift(timedelta(minutes=14))
        assert sign_in.check("bob", PASSWORD, address=HERE) == cast.bob


def test_success_forgets_the_failures(cast):
    with time_machine.travel("2026-03-02 02:00:05+00:00", tick=False):
        for _ in range(3):
            wrong(4)
            sign_in.check("bob", PASSWORD, address=HERE)


def test_a_post_may_ask_for_a_second_factor(cast):
    assert sign_in.needs_totp(cast.alice)
    assert not sign_in.needs_totp(cast.bob)
    device = sign_in.enrolment(cast.alice)
    assert sign_in.enrolment(cast.alice) == device
    with pytest.raises(Refused, match="动态口令不对"):
        sign_in.verify_totp(cast.alice, "000000", address=HERE)
    device.refresh_from_db()
    device.throttle_reset()
    sign_in.verify_totp(cast.alice, code_of(device), address=HERE)
    assert sign_in.enrolled(cast.alice)
    with pytest.raises(Refused):  # the same code a second time
        sign_in.verify_totp(cast.alice, code_of(device), address=HERE)


def test_a_second_factor_is_reset_by_two_persons(cast):
    TOTPDevice.objects.create(user=cast.bob, name="totp", confirmed=True)
    alice = cast.actor(cast.alice)
    asked = sign_in.ask_totp_reset(cast.bob.pk, actor=alice)
    with pytest.raises(NotAllowed, match="两个人"):
        sign_in.approve_totp_reset(asked.pk, actor=alice)
    with pytest.raises(NotAllowed):
        sign_in.approve_totp_reset(asked.pk, actor=cast.actor(cast.wen))
    with pytest.raises(NotFound):
        sign_in.approve_totp_reset(asked.pk, actor=cast.actor(cast.charlie))
    second = make_staff("second", "副手", "cs_supervisor", cast.community)
    sign_in.approve_totp_reset(asked.pk, actor=cast.actor(second))
    assert not sign_in.enrolled(cast.bob)
    with pytest.raises(Refused, match="已经处理过"):
        sign_in.approve_totp_reset(asked.pk, actor=cast.actor(second))


def test_nobody_resets_their_own_second_factor(cast):
    TOTPDevice.objects.create(user=cast.alice, name="totp", confirmed=True)
    with pytest.raises(NotAllowed, match="自己的动态口令"):
        sign_in.ask_totp_reset(cast.alice.pk, actor=cast.actor(cast.alice))


def test_a_new_password_ends_the_other_sessions(cast):
    sign_in.opened(cast.bob, session_key="here", address=HERE, agent="x")
    sign_in.opened(cast.bob, session_key="there", address=THERE, agent="x")
    with pytest.raises(Refused, match="现在的密码不对"):
        sign_in.change_password(cast.bob, old="nope", new="brand-new-horse", session_key="here")
    with pytest.raises(Refused, match="不合要求"):
        sign_in.change_password(cast.bob, old=PASSWORD, new="1234567890", session_key="here")
    with pytest.raises(Refused, match="不能和现在的一样"):
        sign_in.change_password(cast.bob, old=PASSWORD, new=PASSWORD, session_key="here")
    sign_in.change_password(cast.bob, old=PASSWORD, new="brand-new-horse", session_key="here")
    assert list(SignIn.objects.filter(ended_at=None).values_list("session_key", flat=True)) == ["here"]
    assert clock.now()


def test_a_supervisor_ends_a_session_of_their_people_only(cast):
    row = sign_in.opened(cast.bob, session_key="bob", address=HERE, agent="x")
    with pytest.raises(NotAllowed):
        sign_in.end_session(row.pk, actor=cast.actor(cast.wen))
    with pytest.raises(NotFound):
        sign_in.end_session(row.pk, actor=cast.actor(cast.charlie))
    sign_in.end_session(row.pk, actor=cast.actor(cast.alice))
    row.refresh_from_db()
    assert row.ended_at


@pytest.mark.parametrize(
    ("new", "chinese", "english"),
    [
        ("1234567", "至少要 10 个字符；太常见，容易被猜到；不能全是数字", "at least 10 characters"),
        ("password12", "太常见，容易被猜到", "too common"),
        ("bob-bob-bob", "不能和登录名或姓名太像", "too similar"),
    ],
)
def test_a_weak_password_is_told_why_in_one_language(cast, new, chinese, english):
    cast.bob.username = "bob-bob"
    with translation.override("zh-hans"):
        assert sign_in.password_trouble(cast.bob, new) == chinese
    with translation.override("en"):
        why = sign_in.password_trouble(cast.bob, new)
    assert english in why
    assert not re.search(r"[\u4e00-\u9fff；]", why)


CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0"


@pytest.mark.parametrize(
    ("agent", "words"),
    [(CHROME, "Chrome\u00a0• Windows"), (WECHAT, "微信\u00a0• iPhone"), ("curl/8.5", "curl"), ("", "浏览器")],
)
def test_a_session_says_what_it_was_opened_with(agent, words):
    assert sign_in.device(agent) == words
