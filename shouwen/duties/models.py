"""Duties: whatever is owed, by whom, by when, on what proof. One table for every obligation of the house."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.duties.proofs import Audit, Evidence, Finding
from shouwen.estate.models import Community, Unit
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.absences import stood_for
from shouwen.people.models import Staff

__all__ = [
    "Alarm",
    "Audit",
    "Duty",
    "DutyQuerySet",
    "Evidence",
    "Feed",
    "Finding",
    "KeptBook",
    "KeptCalendar",
    "Member",
    "Occasion",
    "Policy",
    "Run",
    "Tally",
    "Task",
]


def _posts(viewer: Actor) -> set[str]:
    """The posts that a staff member holds anywhere."""
    held: dict[int, frozenset[str]] = getattr(viewer, "posts", {})
    return {post for posts in held.values() for post in posts}


class DutyQuerySet(ScopedQuerySet["Duty"]):
    def visible_to(self, viewer: Actor) -> Self:
        """Duties of the viewer's communities; an employee complained of sees none of that complaint's."""
        rows = super().visible_to(viewer)
        if viewer.staff_id is not None:
            rows = rows.filter(models.Q(about_id__isnull=True) | ~models.Q(about_id=viewer.staff_id))
            # A surprise that runs is known to those who owe it.
            mine = models.Q(owner_id=viewer.staff_id) | models.Q(owner_role__in=_posts(viewer))
            rows = rows.filter(models.Q(secret=False) | models.Q(ended_at__isnull=False) | mine)
        return rows

    def owed_by(self, viewer: Actor, posts: frozenset[str] = frozenset()) -> Self:
        """Duties of this person and of the posts that they hold; those too of whom they stand in for today."""
        held = models.Q(owner_id=viewer.staff_id) | models.Q(owner_id__isnull=True, owner_role__in=posts)
        for absent in stood_for(viewer.staff_id):
            held |= models.Q(owner_id=absent.id)
            for community, codes in absent.posts.items():
                held |= models.Q(community_id=community, owner_id__isnull=True, owner_role__in=codes)
        return self.filter(held)

    def open(self) -> Self:
        """Duties that are still owed, running or paused."""
        return self.filter(ended_at__isnull=True)

    def overdue(self) -> Self:
        """Duties whose time has run out and whose clock runs on, the latest first."""
        return self.filter(state=Duty.State.OPEN, due_at__lt=clock.now()).order_by("due_at", "id")

    def due_within(self, hours: float) -> Self:
        """Running duties that are due in the next hours and not late yet."""
        now = clock.now()
        rows = self.filter(state=Duty.State.OPEN, due_at__gte=now, due_at__lt=now + timedelta(hours=hours))
        return rows.order_by("due_at", "id")

    def of(self, staff_id: int) -> Self:
        return self.filter(owner_id=staff_id)


class DutyManager(models.Manager["Duty"]):
    """Duties come with their alarm: every chip shows how far a duty has climbed."""

    def get_queryset(self) -> models.QuerySet[Duty]:
        return super().get_queryset().select_related("alarm")


class Duty(models.Model):
    """应办: one obligation, born and discharged by facts. Rebuilt from clauses and journal it is the same row.

    ``owner_role`` says whose it is (first_responder, handler, or a post); ``owner_id`` who that is now.
    When it is looked at again, and how high it has climbed, stands in its `Alarm`. ``span`` is the duration that held at
    birth, ``budget`` the same in seconds of the clause's clock; ``about_id`` is the employee complained of, who never
    hears of this duty.

    A duty of a period has its ``period`` (the first day), ``slot`` (one of several windows) and ``subject`` (a member
    of a set). Proof counts from ``opens_at`` on; at ``lapses_at`` it ends as breached. ``need`` is how much proof it
    takes and ``done`` how much there is; ``pool`` counts the facts of which a ``share`` is asked.
    ``proof`` says what ended it: a fact of the work, a hand that signed, or an excuse. Without ``due_at`` it is owed
    until it is done.
    """

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        PAUSED = "paused", _("停表")
        MET = "met", _("按时")
        LATE = "late", _("逾期完成")
        BREACHED = "breached", _("违约")
        EXCUSED = "excused", _("免责")
        VOID = "void", _("已撤销")

    class Proof(models.TextChoices):
        FACT = "fact", _("有据")
        HAND = "hand", _("签认")
        EXCUSE = "excuse", _("免责")

    id = models.UUIDField(primary_key=True, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    clause = models.CharField(max_length=40)
    clause_version = models.PositiveSmallIntegerField()
    calendar_version = models.PositiveIntegerField()
    matter_kind = models.CharField(max_length=30)
    matter_id = models.UUIDField()
    unit_id = models.BigIntegerField(null=True)
    entry_id = models.UUIDField()
    owner_role = models.CharField(max_length=40)
    owner_id = models.BigIntegerField(null=True)
    about_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    span = models.CharField(max_length=30)
    budget = models.PositiveIntegerField()
    born_at = models.DateTimeField()
    opens_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField(null=True)
    lapses_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=40, blank=True, default="")
    paused_seconds = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    proof = models.CharField(max_length=6, blank=True, default="", db_default="", choices=Proof)
    period = models.DateField(null=True)
    slot = models.CharField(max_length=20, blank=True, default="", db_default="")
    subject = models.CharField(max_length=60, blank=True, default="", db_default="")
    need = models.PositiveIntegerField(default=1, db_default=1)
    done = models.PositiveIntegerField(default=0, db_default=0)
    share = models.PositiveSmallIntegerField(null=True)
    pool = models.PositiveIntegerField(null=True)
    short = models.BooleanField(default=False, db_default=False)
    secret = models.BooleanField(default=False, db_default=False)

    objects = DutyManager.from_queryset(DutyQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry_id", "clause", "subject", "slot"], name="duty_born_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["community", "owner_id", "due_at"],
                name="duty_owner",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(
                fields=["community", "due_at"], name="duty_due", condition=models.Q(ended_at__isnull=True)
            ),
            models.Index(fields=["matter_id"], name="duty_matter"),
            # What the compliance board counts is read from the index alone: a million duties in half a second.
            models.Index(
                fields=["community", "clause", "due_at"],
                name="duty_board",
                include=[
                    "state",
                    "proof",
                    "ended_at",
                    "paused_at",
                    "about_id",
                    "secret",
                    "owner_id",
                    "owner_role",
                ],
            ),
            models.Index(
                fields=["community", "clause", "subject"],
                name="duty_period",
                condition=models.Q(ended_at__isnull=True, period__isnull=False),
            ),
        ]

    @property
    def rung(self) -> int:
        """How many rungs of its ladder were raised."""
        alarm: Alarm | None = getattr(self, "alarm", None)
        return alarm.rung if alarm else 0


class Alarm(models.Model):
    """闹钟: the next moment that matters to a duty (a warning, the due moment, a rung, the end of its period).

    The sweep reads only these. A table of its own, for a rung that is raised then writes a short row instead of a new
    version of the duty in all its indexes. Nothing takes an alarm back when a duty ends or pauses: the sweep that finds
    it ringing for nothing silences it.
    """

    duty = models.OneToOneField(
        Duty, primary_key=True, on_delete=models.CASCADE, db_constraint=False, related_name="alarm"
    )
    at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], name="alarm_at", condition=models.Q(at__isnull=False))
        ]


class Tally(models.Model):
    """计数: one proof that counts towards a quota: once for its key."""

    pk = models.CompositePrimaryKey("duty_id", "key")
    duty_id = models.UUIDField()
    key = models.CharField(max_length=60)
    amount = models.PositiveIntegerField(default=1)
    entry_id = models.UUIDField()


class Member(models.Model):
    """成员: what belongs to a set from a fact that opens it to a fact that closes it (a unit that is renovated)."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    set = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    unit_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    entry_id = models.UUIDField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "set", "key"],
                condition=models.Q(closed_at__isnull=True),
                name="member_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["community", "set", "opened_at"], name="member_set")]


class Run(models.Model):
    """执行规程: from which day on a community carries out the periodic clauses, and the last day that was laid out."""

    community = models.OneToOneField(Community, primary_key=True, on_delete=models.CASCADE)
    since = models.DateField()
    laid = models.DateField(null=True)

    objects = ScopedQuerySet.as_manager()


class Policy(models.Model):
    """取值: a value that a community chose for a policy key, from a moment on. The preset holds before and without one.

    Rows are added, never changed: a duty is rebuilt with the value of its day. ``since`` lies a little ahead of the
    writing, so that every process has read the row before it counts (see `rulings`).
    """

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=60)
    value = models.CharField(max_length=200, blank=True)
    preset = models.CharField(max_length=1, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    since = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "key", "since"], name="policy_key")
        ]


class Occasion(models.Model):
    """事由: something that happened outside of the rooms and bears duties: a key lent, arrears, an outage planned.

    ``kind`` is one of book.toml. ``due_at`` is the moment it names (what was agreed, when it starts), ``on`` the day
    or month that it is about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(_("事由"), max_length=40)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("房号"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    due_at = models.DateTimeField(_("约定时间"), null=True, blank=True)
    on = models.DateField(_("日期"), null=True, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["community", "-noted_at"], name="occasion_newest")]

    @property
    def matter_id(self) -> UUID:
        return self.pk


class Task(models.Model):
    """任务: what one colleague asks of another by hand."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    words = models.CharField(_("任务"), max_length=200)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("房号"))
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("承办人"))
    due_at = models.DateTimeField(_("办完时间"))
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["community", "-given_at"], name="task_newest")]

    @property
    def matter_id(self) -> UUID:
        return self.pk


class KeptBook(models.Model):
    """The clause files as they were from a moment on: a rebuilt duty has the clause of its day."""

    since = models.DateTimeField()
    digest = models.CharField(max_length=64)
    body = models.JSONField()

    community_id = 0  # the book is one for the whole house


class KeptCalendar(models.Model):
    """One version of a community's service calendar as it was, kept so that old duties can be rebuilt exactly."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    version = models.PositiveIntegerField()
    since = models.DateTimeField()
    body = models.JSONField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "version"], name="kept_calendar")
        ]


class Feed(models.Model):
    """日历订阅: the secret address under which a telephone reads what is due. Only the digest of the secret is kept.

    ``place`` is the community of which all is told, by right; without one it is what the person owes anywhere.
    """

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="feeds")
    place = models.ForeignKey(Community, null=True, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(unique=True, editable=False)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "place"],
                condition=models.Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="feed_once",
            )
        ]

    @property
    def community_id(self) -> int:
        return self.place_id or 0


class Digest(models.Model):
    """汇总: the last day on which a community's colleagues were told what they owe and what is late."""

    community = models.OneToOneField(Community, primary_key=True, on_delete=models.CASCADE)
    on = models.DateField()

    objects = ScopedQuerySet.as_manager()
