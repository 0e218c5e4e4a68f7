"""The outbox: letters are written with their notice, sent once, tried again, given up loudly, held in the quiet hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any

import pytest
from django.db import connection

from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.notices import actions, mail_actions, outbox, smtp
from shouwen.notices.models import Letter, Mailbox, Notice, Way
from shouwen.people.models import Grant
from tests.cases.test_actions import take
from tests.cast import Cast, cast
from tests.notices.mailroom import mail_server, mailbox, mute_server, signing_in

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
State = Letter.State


@pytest.fixture
def case(cast: Cast) -> Case:
    for staff in (cast.bob, cast.alice):
        staff.email = f"{staff.username}@shouwen.test"
        staff.save()
    return take(cast, cast.bob, kind="repair", category="lamp", title="楼道灯不亮")


def tell(cast: Cast, case: Case, *staff: Any, code: str = "duty.late", once: str = "1") -> None:
    data = {"clause": "repair.done", "due": clock.now().isoformat()}
    actions.tell(cast.community.pk, [s.pk for s in staff], code, data=data, matter=case.pk, once=once)


def states() -> list[str]:
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


def later(**more: float) -> None:
    """Let time pass for the letters that wait."""
    for row in Letter.objects.all():
        Letter.objects.filter(pk=row.pk).update(run_at=row.run_at - timedelta(**more))


# --- what is written --------------------------------------------------------------------------------------------------


def test_a_letter_is_written_with_its_notice_and_never_twice(cast: Cast, case: Case) -> None:
    mailbox(1)
    tell(cast, case, cast.bob, cast.wen)
    tell(cast, case, cast.bob)
    assert Notice.objects.filter(code="duty.late").count() == 2
    assert [n.staff for n in Letter.objects.all()] == [cast.bob], "who has no address gets none"


def test_what_is_rolled_back_leaves_no_letter(cast: Cast, case: Case) -> None:
    mailbox(1)

    def broken() -> None:
        with frame(cast.actor(cast.bob)):
            tell(cast, case, cast.bob)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("mail", "codes"),
    [
        ("none", []),
        ("late", ["duty.late"]),
        ("all", ["case.handed", "duty.late"]),
        ("digest", ["case.handed", "duty.late"]),
    ],
)
def test_everybody_chooses_what_goes_out(cast: Cast, case: Case, mail: str, codes: list[str]) -> None:
    mailbox(1)
    mail_actions.choose_way(actor=cast.actor(cast.bob), email="bob@shouwen.test", mail=mail)
    tell(cast, case, cast.bob, code="case.handed")
    tell(cast, case, cast.bob, code="duty.late", once="2")
    assert sorted(Letter.objects.values_list("code", flat=True)) == codes


def test_without_a_mailbox_or_with_one_switched_off_nothing_is_written(cast: Cast, case: Case) -> None:
    tell(cast, case, cast.bob)
    mailbox(1, active=False)
    tell(cast, case, cast.bob, once="2")
    assert not Letter.objects.exists()
    assert outbox.send() == outbox.Outcome()


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_letter_arrives_with_the_matter_and_a_key_of_its_own(cast: Cast, case: Case, settings: Any) -> None:
    settings.SITE_URL = "https://shouwen.test"
    with mail_server() as (postman, port):
        mailbox(port, sender_name="翠湖花园客服中心")
        tell(cast, case, cast.bob)
        assert outbox.send() == outbox.Outcome(sent=1)
        assert outbox.send() == outbox.Outcome()
    (mail,) = postman.taken
    row = Letter.objects.get()
    assert (row.state, row.attempts) == (State.SENT, 1)
    assert mail["Message-ID"] == f"<{row.pk}@shouwen.test>"
    assert mail["To"] == "鲍勃 <bob@shouwen.test>"
    assert mail["From"] == "翠湖花园客服中心 <desk@shouwen.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "3-1-1201 楼道灯不亮" in mail["Subject"]
    text = mail.get_content()
    assert case.number in text
    assert f"https://shouwen.test/cases/{case.pk}/" in text
    assert "{" not in text


def test_a_letter_speaks_the_language_of_its_reader(cast: Cast, case: Case) -> None:
    cast.bob.language = "en"
    cast.bob.save()
    with mail_server() as (postman, port):
        mailbox(port)
        tell(cast, case, cast.bob)
        outbox.send()
    assert "Shouwen sent this letter by itself" in postman.taken[0].get_content()


def test_nobody_gets_a_letter_about_what_they_may_no_longer_see(cast: Cast, case: Case) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        tell(cast, case, cast.bob)
        Grant.objects.filter(staff=cast.bob).delete()
        assert outbox.send() == outbox.Outcome(void=1)
    assert (postman.taken, states()) == ([], [State.VOID])


def test_what_was_read_meanwhile_or_is_a_week_old_does_not_go(cast: Cast, case: Case) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        tell(cast, case, cast.bob, cast.alice)
        Notice.objects.filter(staff=cast.bob).update(read_at=clock.now())
        Letter.objects.filter(staff=cast.alice).update(at=clock.now() - outbox.STALE - timedelta(1))
        assert outbox.send() == outbox.Outcome(void=2)
    assert postman.taken == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_bounced_letter_is_parked_at_once_and_the_next_one_goes(cast: Cast, case: Case) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        postman.rcpt = ["550 no such user here"]
        tell(cast, case, cast.bob)
        tell(cast, case, cast.alice)
        assert outbox.send() == outbox.Outcome(sent=1, failed=1)
    first, second = Letter.objects.order_by("id")
    assert (first.state, first.error, second.state) == (State.PARKED, "550 no such user here", State.SENT)
    assert [n.pk for n in outbox.parked()] == [first.pk]


@pytest.mark.parametrize("answers", [{"rcpt": ["451 greylisted"]}, {"data": ["452 full"]}])
def test_a_server_that_asks_to_come_back_is_asked_again(
    cast: Cast, case: Case, answers: dict[str, Any]
) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        for name, said in answers.items():
            setattr(postman, name, list(said))
        tell(cast, case, cast.bob)
        assert outbox.send().failed == 1
        assert outbox.send() == outbox.Outcome(), "not before its time"
        later(minutes=2)
        assert outbox.send().sent == 1
    assert Letter.objects.get().attempts == 2
    assert len(postman.taken) == 1


def test_after_eight_tries_it_is_parked_and_can_be_tried_again(cast: Cast, case: Case) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        tell(cast, case, cast.bob)
        waits = []
        for _turn in range(outbox.MOST):
            postman.data = ["451 not now"]
            outbox.send()
            waits.append(Letter.objects.get().run_at - clock.now())
            later(days=2)
        row = Letter.objects.get()
        assert (row.state, row.attempts) == (State.PARKED, outbox.MOST)
        assert "451 not now" in row.error
        assert sorted(waits) == waits, "every wait is longer than the one before"
        assert outbox.send() == outbox.Outcome()
        assert mail_actions.retry_parked(actor=cast.actor(cast.alice)) == 1
        assert outbox.send().sent == 1


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_hangs_costs_one_try_and_no_more_time_than_that(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, drips: bool
) -> None:
    """A second letter is not even tried on the broken line."""
    monkeypatch.setattr(smtp.connect, "__defaults__", (0.3,))
    with mute_server(drips=drips) as port:
        mailbox(port)
        tell(cast, case, cast.bob, cast.alice)
        begun = monotonic()
        assert outbox.send() == outbox.Outcome(failed=1)
        assert monotonic() - begun < 3
    tried, other = Letter.objects.order_by("-attempts")
    assert (tried.attempts, tried.state, other.attempts) == (1, State.WAITING, 0)
    assert tried.error


def test_a_worker_that_dies_while_sending_sends_the_same_letter_again(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_given: Any) -> None:
        raise Killed

    with mail_server() as (postman, port):
        mailbox(port)
        tell(cast, case, cast.bob)
        with monkeypatch.context() as broken:
            broken.setattr(outbox, "_end", killed)
            with pytest.raises(Killed):
                outbox.send()
        assert outbox.send() == outbox.Outcome()
        later(minutes=2)
        outbox.send()
    assert [m["Message-ID"] for m in postman.taken] == [f"<{Letter.objects.get().pk}@shouwen.test>"] * 2


def test_a_letter_that_kills_every_worker_is_parked(cast: Cast, case: Case) -> None:
    mailbox(1)
    tell(cast, case, cast.bob)
    Letter.objects.update(attempts=outbox.MOST)
    assert outbox.send() == outbox.Outcome()
    assert states() == [State.PARKED]


def test_a_wrong_password_is_said_in_the_servers_words(cast: Cast, case: Case) -> None:
    with mail_server(**signing_in()) as (postman, port):
        mailbox(port, username="desk", password="wrong")
        tell(cast, case, cast.bob)
        assert outbox.send().failed == 1
        assert "535" in Letter.objects.get().error or "不认用户名或密码" in Letter.objects.get().error
        Mailbox.objects.update(password="right")
        later(minutes=2)
        assert outbox.send().sent == 1
    assert len(postman.taken) == 1


# --- when it is sent --------------------------------------------------------------------------------------------------

NIGHT = {"quiet_from": time(21), "quiet_to": time(7, 30)}


@pytest.mark.parametrize(
    ("mail", "at", "now", "urgent", "until"),
    [
        ("late", "12:00", "12:00", False, None),
        ("late", "22:00", "22:00", False, "1 07:30"),
        ("late", "22:00", "22:00", True, None),
        ("late", "03:00", "03:00", False, "0 07:30"),
        ("late", "03:00", "07:30", False, None),
        ("digest", "12:00", "12:00", False, "1 08:30"),
        ("digest", "12:00", "12:00", True, None),
        ("digest", "07:00", "08:30", False, None),
        ("digest", "07:00", "21:30", False, "1 07:30"),
    ],
)
def test_what_is_not_urgent_waits_for_its_hour(
    mail: str, at: str, now: str, urgent: bool, until: str | None
) -> None:
    def moment(text: str) -> datetime:
        """``1 07:30`` is a day later."""
        days, _space, wall = f"0 {text}"[-7:].partition(" ")
        return clock.at(date(2026, 7, 22) + timedelta(int(days)), time.fromisoformat(wall))

    digest_at = time(8, 30) if mail == "digest" else None
    found = outbox.hold_until(
        Mailbox(**NIGHT), digest_at=digest_at, at=moment(at), now=moment(now), urgent=urgent
    )
    assert found == (moment(until) if until else None)


def test_at_night_it_is_held_without_counting_a_try(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = clock.local(clock.now())
    quiet = {"quiet_from": (here - timedelta(hours=1)).time(), "quiet_to": (here + timedelta(hours=1)).time()}
    with mail_server() as (postman, port):
        mailbox(port, **quiet)
        tell(cast, case, cast.bob)
        assert outbox.send() == outbox.Outcome(held=1)
        assert Letter.objects.get().attempts == 0
        case.urgent = True
        case.save()
        tell(cast, case, cast.alice)
        assert outbox.send() == outbox.Outcome(sent=1)
    assert [m["To"] for m in postman.taken] == ["艾丽丝 <alice@shouwen.test>"]


def test_a_digest_is_one_letter_a_day(cast: Cast, case: Case) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        mail_actions.choose_way(actor=cast.actor(cast.bob), email="bob@shouwen.test", mail="digest")
        for n in range(3):
            tell(cast, case, cast.bob, code="case.urged", once=f"n{n}")
        assert outbox.send() == outbox.Outcome(held=3)
        for row in Letter.objects.all():
            Letter.objects.filter(pk=row.pk).update(at=row.at - timedelta(1), run_at=clock.now())
        Notice.objects.filter(once="n1").update(read_at=clock.now())
        assert outbox.send().sent == 2
    (mail,) = postman.taken
    assert "2 条提醒" in mail["Subject"]
    assert mail.get_content().count("楼道灯不亮") == 2
    assert sorted(states()) == [State.SENT, State.SENT, State.VOID]
    assert Way.objects.get().mail == "digest"


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_who_may_set_everything_sets_the_mailbox(cast: Cast) -> None:
    given: dict[str, Any] = {
        "host": "mail.test", "port": 25, "security": "none", "username": "desk", "password": "s3cret",
        "sender": "desk@shouwen.test", "sender_name": "", "active": True, "quiet_from": None, "quiet_to": None,
        "digest_at": time(8),
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        mail_actions.set_mailbox(actor=cast.actor(cast.alice), **given)
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    alice = cast.actor(cast.alice)
    mail_actions.set_mailbox(actor=alice, **given)
    with connection.cursor() as cursor:
        cursor.execute("select password from notices_mailbox")
        assert b"s3cret" not in bytes(cursor.fetchone()[0]), "sealed"
    mail_actions.set_mailbox(actor=alice, **given | {"password": "", "port": 26})
    assert Mailbox.objects.get().password == "s3cret", "kept"
    with pytest.raises(Refused, match="重新填密码"):
        mail_actions.set_mailbox(actor=alice, **given | {"password": "", "host": "elsewhere.test"})
    with pytest.raises(Refused, match="都填"):
        mail_actions.set_mailbox(actor=alice, **given | {"quiet_from": time(21)})


def test_a_letter_of_another_community_is_not_ones_to_retry(cast: Cast, case: Case) -> None:
    mailbox(1)
    tell(cast, case, cast.bob)
    Letter.objects.update(state=State.PARKED)
    assert mail_actions.retry_parked(actor=cast.actor(cast.charlie)) == 0
    with pytest.raises(NotAllowed):
        mail_actions.retry_parked(actor=cast.actor(cast.wen))
    assert states() == [State.PARKED]
