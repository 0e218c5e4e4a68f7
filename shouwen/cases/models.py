"""Cases: whatever a resident brings, from the first word to satisfied."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community, Person, Space, Unit
from shouwen.kernel import phones
from shouwen.kernel.actors import Actor, lived
from shouwen.kernel.files import StoredFile
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.text import seeded
from shouwen.kernel.vault import SealedField
from shouwen.people.models import Staff, Trade


class Kind(models.TextChoices):
    REPAIR = "repair", _("报修")
    COMPLAINT = "complaint", _("投诉")
    INQUIRY = "inquiry", _("咨询")
    SUGGESTION = "suggestion", _("建议")


class State(models.TextChoices):
    RECEIVED = "received", _("待受理")
    WORKING = "working", _("处理中")
    DONE = "done", _("待回访")
    SATISFIED = "satisfied", _("满意关闭")
    UNCONFIRMED = "unconfirmed", _("未确认关闭")
    CANCELLED = "cancelled", _("已取消")
    MERGED = "merged", _("已并入")


LEVELS = {1: _("一类"), 2: _("二类"), 3: _("三类")}
"""Classes of complaints: service, developer, external (C-4.3b.3)."""

OPEN = (State.RECEIVED, State.WORKING, State.DONE)
CLOSED = (State.SATISFIED, State.UNCONFIRMED, State.CANCELLED, State.MERGED)
PHONE_COLUMNS = partial(phones.columns, prefix="phone_")


class Category(models.Model):
    """分类: what a case is about, and the trade that is sent for it."""

    code = models.SlugField(_("代码"), primary_key=True, max_length=40)
    name = models.CharField(_("分类"), max_length=40)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    trade = models.CharField(_("工种"), max_length=20, choices=Trade, default=Trade.GENERAL)
    words = models.CharField(_("识别词"), max_length=300, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    active = models.BooleanField(_("启用"), default=True)
    sort = models.PositiveSmallIntegerField(default=100)

    community_id = 0  # categories are the same everywhere

    class Meta:
        ordering: ClassVar = ["kind", "sort", "code"]

    def __str__(self) -> str:
        return seeded(self.name)


class KnownAnswer(models.Model):
    """常见问答: a question that a community is often asked, with the answer that its desk stands by."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("分类")
    )
    question = models.CharField(_("问题"), max_length=80)
    answer = models.TextField(_("答复"), max_length=600)
    words = models.CharField(_("识别词"), max_length=200, blank=True)
    active = models.BooleanField(_("启用"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "question"],
                name="answer_question",
                violation_error_message=_("这个问题已经写过了。"),
            )
        ]


class Haystack(models.Func):
    """Title and words as one text: what the search index of cases covers."""

    template = "(%(expressions)s)"
    arg_joiner = " || E'\\n' || "
    output_field = models.TextField()

    def __init__(self) -> None:
        super().__init__("title", "words")


class CaseQuerySet(ScopedQuerySet["Case"]):
    def visible_to(self, viewer: Actor) -> Self:
        """Cases where the viewer may see them: complaints by their own right, and never to the employee complained of,
        nor to a machine that acts in their name.
        """
        cases, complaints = viewer.where("case.see"), viewer.where("complaint.see")
        seen = Q(community_id__in=cases & complaints)
        if cases != complaints:  # most see both or neither: they get the plain condition, and its plain plan
            seen |= Q(community_id__in=cases) & ~Q(kind=Kind.COMPLAINT)
            seen |= Q(community_id__in=complaints, kind=Kind.COMPLAINT)
        rows = self._of_homes(viewer) if viewer.stays else self.filter(seen)
        return rows if viewer.staff_id is None else rows.exclude(about_id=viewer.staff_id)

    def _of_homes(self, viewer: Actor) -> Self:
        """A resident's: what they brought themselves, and the repairs of a home whose role lets them see all."""
        seen = Q(pk__isnull=True)
        for stay in lived(viewer.stays):
            here = Q(community_id=stay.community_id, opened_at__gte=stay.since)
            own = Q(person_id__in=stay.persons)
            brought = own & (Q(unit_id=stay.unit_id) | Q(unit_id__isnull=True))
            if "home.repairs" in stay.rights:
                brought |= Q(unit_id=stay.unit_id, kind=Kind.REPAIR)
            seen |= here & brought
        return self.filter(seen)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def running(self) -> Self:
        """Not closed yet, or merged into a case that is not: whoever asked still waits."""
        return self.filter(Q(state__in=OPEN) | Q(merged_into__state__in=OPEN))

    def saying(self, text: str) -> Self:
        """Cases whose title or words contain every word of ``text``."""
        return self.alias(haystack=Haystack()).filter(haystack__grams=text)

    def place(self, unit_id: int | None, space_id: int | None) -> Self:
        """Cases of the same unit, or of the same public area."""
        return self.filter(unit_id=unit_id) if unit_id else self.filter(space_id=space_id)


class Case(models.Model):
    """事项. The first responder is fixed at intake and stays answerable; the handler changes hands.

    ``opened_at`` starts the clocks: the moment of recording, or for a confirmed back-entry the moment it happened.
    """

    class Channel(models.TextChoices):
        DESK = "desk", _("前台")
        HOTLINE = "hotline", _("热线")
        PORTAL = "portal", _("住户自助")
        API = "api", _("接口")
        IMPORT = "import", _("导入")

    class Severity(models.TextChoices):
        MINOR = "minor", _("一般")
        MAJOR = "major", _("重大")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(_("单号"), max_length=24)
    turn = models.PositiveIntegerField()
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_index=False, verbose_name=_("分类"))
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    channel = models.CharField(_("来源"), max_length=10, choices=Channel, default=Channel.DESK)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    space = models.ForeignKey(Space, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    place = models.CharField(_("地点"), max_length=80)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    asker = models.CharField(_("来人"), max_length=60, blank=True)
    phone = SealedField(_("回电号码"), purpose="case.phone", found_by=PHONE_COLUMNS, blank=True, null=True)
    phone_whole = models.BinaryField(null=True, editable=False)
    phone_last8 = models.BinaryField(null=True, editable=False)
    phone_last4 = models.BinaryField(null=True, editable=False)
    title = models.CharField(_("标题"), max_length=120)
    words = models.TextField(_("原话"), blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    preferred_at = models.DateTimeField(_("约定时间"), null=True, blank=True)
    preferred_until = models.DateTimeField(_("约到"), null=True, blank=True)  # the end of a window
    first_responder = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    handler = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.PositiveSmallIntegerField(_("投诉类别"), null=True, blank=True)
    severity = models.CharField(_("轻重"), max_length=8, choices=Severity, blank=True)
    about = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    happened_at = models.DateTimeField(_("发生时间"))
    recorded_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    back_entry = models.BooleanField(default=False)
    back_entry_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    satisfied = models.BooleanField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    urges = models.PositiveSmallIntegerField(_("催办次数"), default=0)
    urged_at = models.DateTimeField(null=True)
    rework_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # The case that goes on in its place; never one that was itself merged.
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    ref = models.CharField(_("来源编号"), max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "number"], name="case_number"),
            models.UniqueConstraint(fields=["community", "ref"], condition=~Q(ref=""), name="case_ref"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=3),
                name="case_level",
                violation_error_message=_("投诉类别是 1、2 或 3。"),
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="case_merged",
                violation_error_message=_("并入的事项要写明并到哪一件。"),
            ),
        ]
        indexes: ClassVar = [
            GinIndex(models.Func(Haystack(), function="shouwen_grams"), name="case_grams"),
            models.Index(fields=["community", "-opened_at", "-id"], name="case_newest"),
            models.Index(fields=["community", "place"], name="case_place"),
            models.Index(fields=["community", "asker"], name="case_asker"),
            *(
                models.Index(fields=["community", n], name=f"case_{n}", condition=Q((f"{n}__isnull", False)))
                for n in ("phone_whole", "phone_last8", "phone_last4")
            ),
            # What every page counts: the few open cases, without a look at the many closed ones.
            models.Index(
                fields=["community", "state"],
                name="case_open",
                condition=Q(closed_at__isnull=True),
                include="kind about first_responder handler reopened back_entry back_entry_by id".split(),  # noqa: SIM905 - on one line
            ),
            models.Index(fields=["community", "state", "-opened_at", "-id"], name="case_state"),
            models.Index(fields=["community", "kind", "-opened_at", "-id"], name="case_kind"),
            models.Index(
                fields=["unit", "category", "-opened_at"], name="case_unit", condition=Q(unit__isnull=False)
            ),
            models.Index(
                fields=["space", "category", "-opened_at"],
                name="case_space",
                condition=Q(space__isnull=False),
            ),
            models.Index(
                fields=["person", "-opened_at"], name="case_person", condition=Q(person__isnull=False)
            ),
            models.Index(
                fields=["merged_into"], name="case_merged_into", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["first_responder", "-opened_at"],
                name="case_first",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["handler", "-opened_at"], name="case_handler", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["community", "done_at"], name="case_done", condition=Q(done_at__isnull=False)
            ),
            models.Index(
                fields=["community", "closed_at"], name="case_closed", condition=Q(closed_at__isnull=False)
            ),
            models.Index(
                fields=["community", "opened_at"],
                name="case_unproven",
                condition=Q(back_entry=True, back_entry_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def matter_id(self) -> UUID:
        return self.id


class NoteQuerySet(ScopedQuerySet["Note"]):
    def public(self, case: Case) -> Self:
        """The words of a case that its household may read: their own, our answers, and what a repair came to."""
        kinds = {Note.Kind.SAID, Note.Kind.ANSWER}
        if case.kind == Kind.REPAIR:
            kinds.add(Note.Kind.RESULT)
        return self.filter(case=case, kind__in=kinds)


class Note(models.Model):
    """What people said and wrote about a case: the words behind the facts of its timeline."""

    class Kind(models.TextChoices):
        NOTE = "note", _("记录")
        ANSWER = "answer", _("答复")
        PLAN = "plan", _("处理方案")
        RESULT = "result", _("处理结果")
        CALL = "call", _("回访")
        REASON = "reason", _("原因")
        SAID = "said", _("住户的话")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    entry_id = models.UUIDField(null=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTE)
    words = models.TextField()
    at = models.DateTimeField()

    objects = NoteQuerySet.as_manager()


class Photo(models.Model):
    """照片: a picture that belongs to a case, taken at intake, before or after the work."""

    class Stage(models.TextChoices):
        INTAKE = "intake", _("来件")
        BEFORE = "before", _("修前")
        AFTER = "after", _("修后")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    entry_id = models.UUIDField(null=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, db_index=False)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.INTAKE)
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()


class RatingLink(models.Model):
    """评价链接: lets whoever asked answer once, without signing in. Only its digest is kept."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="rating_links")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, db_index=False)
    digest = models.BinaryField(unique=True, editable=False)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    @property
    def matter_id(self) -> UUID:
        return self.case_id


class FollowUp(models.Model):
    """回访: one attempt to hear from the asker whether all is well (E-1.5.1). There is no preset score."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("已接通")
        NO_ANSWER = "no_answer", _("无人接听")
        REFUSED = "refused", _("不愿评价")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    entry_id = models.UUIDField(null=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="follow_ups")
    # Nobody called where the household said it of itself, at its own door.
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome)
    satisfied = models.BooleanField(_("是否满意"), null=True)
    words = models.TextField(_("住户的话"), blank=True)
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="reached", satisfied__isnull=False) | ~Q(outcome="reached"),
                name="follow_up_says",
                violation_error_message=_("接通了就要记下满意或不满意。"),
            )
        ]
        indexes: ClassVar = [models.Index(fields=["community", "at"], name="follow_up_at")]


from shouwen.cases.phrases.models import Phrase  # noqa: E402, F401 - a model of this room in a file of its own
