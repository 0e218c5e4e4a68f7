"""Months of the manual at the demo estate: every periodic duty born, signed for, excused or missed as in real life.

Nothing is written past the mechanism: the community begins its manual, each day is laid out,
and what nobody signs the sweep closes.
"""

from __future__ import annotations

import random
from base64 import b64decode
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from shouwen.duties import actions, days, proof_actions
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty
from shouwen.estate.models import Community, Unit
from shouwen.kernel import clock, files
from shouwen.kernel.files import Prepared
from shouwen.kernel.journal import frame
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor

DONE = ("已完成，现场照片见附件", "按要求办妥，登记在册", "已核对，无异常", "办好，问题当场整改")
EXCUSED = ("当天台风停工，改期", "责任人病假，主管同意免办", "设备检修，区域封闭")
SIGNED, EXCUSES, CAUGHT_UP = 0.955, 0.975, 0.6
"""Up to the first a duty is signed for in time, up to the second excused; of what is overdue so much is made good a day."""
MOST_LOGGED = 12
ROUNDS = ((time(8, 5), time(11, 30)), (time(11, 30), time(17, 30)), (time(17, 30), time.max))
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAIAAAAuKetIAAAARklEQVR42u3PAQkAMAgAMH3/QqawgGHeQhC2BsuajsteHCcgICAg"
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICCw5wNwhQLEM8XWUwAAAABJRU5ErkJggg=="
)
"""A plain picture: what a colleague would have photographed."""


@dataclass
class Routine:
    """Who signs for which post, with which picture. What no colleague's post owes, the supervisor signs for."""

    home: Community
    rng: random.Random
    boss: StaffActor
    signers: dict[str, StaffActor]
    units: list[int]
    photo: Prepared

    @classmethod
    def begin(cls, home: Community, rng: random.Random, boss: StaffActor, since: datetime) -> Routine:
        """The community begins on that day, as a place without a night shift."""
        with clock.standing_at(since):
            actions.set_policy(home.pk, "shift.model", "off", actor=boss, reason="本项目夜间由安保值守")
            actions.begin(home.pk, actor=boss)
        signers: dict[str, StaffActor] = {}
        for staff in Staff.objects.filter(is_active=True).order_by("pk"):
            actor = StaffActor.of(staff)
            for post in actor.posts.get(home.pk, ()):
                signers.setdefault(post, actor)
        units = list(Unit.objects.filter(community=home, kind="residence").values_list("pk", flat=True))
        return cls(home, rng, boss, signers, units, _photo())

    def day(self, day: date) -> None:
        """Done early, before noon and in the evening, whatever is due before the next of these."""
        with clock.standing_at(clock.at(day, time(7))):
            days.lay_out()
        for at, due in ROUNDS:
            with clock.standing_at(clock.at(day, at)), frame(self.boss):
                for duty in self._owed(clock.now(), clock.at(day, due)):
                    self._play(duty, overdue=duty.due_at is not None and duty.due_at < clock.now())

    def _owed(self, now: datetime, until: datetime) -> list[Duty]:
        rows = Duty.objects.open().filter(
            community_id=self.home.pk, period__isnull=False, opens_at__lte=now, due_at__lte=until
        )
        held = {post for signer in self.signers.values() for post in signer.posts.get(self.home.pk, ())}
        rows = rows.filter(Q(secret=False) | Q(owner_role__in=held))  # a surprise is known to its post alone
        return [d for d in rows.order_by("due_at", "id") if d.lapses_at is None or d.lapses_at > now]

    def _play(self, duty: Duty, *, overdue: bool) -> None:
        lot = self.rng.random()
        if overdue and lot > CAUGHT_UP:
            return
        if overdue or lot < SIGNED:
            self._sign(duty)
        elif lot < EXCUSES:
            proof_actions.excuse(duty.pk, actor=self.boss, words=self.rng.choice(EXCUSED))

    def _sign(self, duty: Duty) -> None:
        clause = book().clause(duty.clause)
        by = self.signers.get(duty.owner_role, self.boss)
        words = self.rng.choice(DONE)
        if clause is None:
            return
        if clause.step:
            proof_actions.sign(duty.pk, actor=by, words=words, file=self.photo)
        elif clause.quota is None:
            proof_actions.attest(duty.pk, actor=by, words=words, file=self.photo)
        elif clause.quota.sum:
            proof_actions.log(duty.pk, actor=by, words=words, file=self.photo, amount=min(duty.need, 10_000))
        elif duty.pool is None and duty.need <= MOST_LOGGED:
            for unit in self.rng.sample(self.units, duty.need):
                proof_actions.log(duty.pk, actor=by, words=words, file=self.photo, unit_id=unit)


def _photo() -> Prepared:
    return files.prepare(
        SimpleUploadedFile("现场.png", b64decode(PHOTO), "image/png"), frozenset({files.IMAGE})
    )
