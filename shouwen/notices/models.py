"""Notices: messages to staff inside the product, and letters to staff and residents that carriers take outside."""

from __future__ import annotations

from datetime import time
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.vault import SealedField
from shouwen.people.models import Staff


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def to(self, viewer: Actor) -> Self:
        """The viewer's own notices, of communities where the viewer still holds a grant."""
        if viewer.kind != "staff":
            return self.none()
        return self.visible_to(viewer).filter(staff_id=viewer.id)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """提醒: one message to one staff member about one matter. ``once`` keeps a repeated reader from telling twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The two checks of a row would cost more than the row: the one statement that writes notices joins with the staff.
    community = models.ForeignKey(
        "estate.Community", on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    staff = models.ForeignKey(
        Staff, on_delete=models.CASCADE, related_name="notices", db_index=False, db_constraint=False
    )
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    matter_kind = models.CharField(max_length=30)
    matter_id = models.UUIDField(null=True)
    once = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "once"], name="notice_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["staff", "-at"], name="notice_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index(fields=["staff", "-at"], name="notice_all"),
        ]


class Letter(models.Model):
    """外发: a message on its way to one colleague or one resident through one carrier, written with its cause.

    ``id`` is what the provider is told: whoever gets it twice knows it for the same. ``run_at`` is when it is tried
    next; ``error`` why the last try failed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发")
        SENT = "sent", _("已发")
        PARKED = "parked", _("搁置")
        VOID = "void", _("不必发")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey("estate.Community", on_delete=models.CASCADE, db_index=False)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(
        "estate.Person", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    carrier = models.CharField(max_length=10)
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    matter_kind = models.CharField(max_length=30)
    matter_id = models.UUIDField(null=True)
    once = models.CharField(max_length=120)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "carrier", "once"], name="letter_once"),
            # A resident hears of one thing once, whichever way it comes.
            models.UniqueConstraint(fields=["person", "once"], name="letter_home_once"),
            models.CheckConstraint(
                condition=models.Q(staff__isnull=False, person__isnull=True)
                | models.Q(staff__isnull=True, person__isnull=False),
                name="letter_recipient",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["carrier", "run_at"], name="letter_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["community", "-at", "-id"], name="letter_all"),
            models.Index(fields=["run_at"], name="letter_parked", condition=models.Q(state="parked")),
        ]


class Way(models.Model):
    """提醒方式: which notices one colleague wants by e-mail as well. Without a row: what is due or late."""

    class Mail(models.TextChoices):
        NONE = "none", _("不发邮件")
        LATE = "late", _("到期、超时的，马上发")
        ALL = "all", _("每条都马上发")
        DIGEST = "digest", _("每天汇总成一封，紧急的马上发")

    staff = models.OneToOneField(Staff, primary_key=True, on_delete=models.CASCADE, related_name="way")
    mail = models.CharField(_("邮件提醒"), max_length=8, choices=Mail, default=Mail.LATE)


class HomeWay(models.Model):
    """住户通知: whether a resident wants to hear of their matters outside of the door, and in which language.

    Without a row they do, in the house's language.
    """

    person = models.OneToOneField(
        "estate.Person", primary_key=True, on_delete=models.CASCADE, related_name="way"
    )
    letters = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)


class Quiet(models.Model):
    """免打扰: the hours in which a carrier takes nothing but what is urgent; both ends or neither."""

    quiet_from = models.TimeField(_("免打扰从"), null=True, blank=True)
    quiet_to = models.TimeField(_("免打扰到"), null=True, blank=True)

    community_id = 0  # one account for the whole house

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="%(class)s_quiet",
                violation_error_message=_("免打扰的开始和结束要都填，或都不填。"),
            )
        ]


class Mailbox(Quiet):
    """发信邮箱: the account of the house at a mail server; there is one row or none."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS（常用端口 587）")
        TLS = "tls", _("TLS（常用端口 465）")
        NONE = "none", _("不加密（只用于本机或内网，常用端口 25）")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    host = models.CharField(_("服务器"), max_length=200)
    port = models.PositiveIntegerField(_("端口"), default=587)
    security = models.CharField(_("加密"), max_length=10, choices=Security, default=Security.STARTTLS)
    username = models.CharField(_("用户名"), max_length=200, blank=True)
    password = SealedField(purpose="mailbox.password", null=True)
    sender = models.EmailField(_("发信地址"), max_length=200)
    sender_name = models.CharField(_("发信人"), max_length=60, blank=True)
    active = models.BooleanField(_("启用"), default=True)
    digest_at = models.TimeField(_("汇总几点发"), default=time(8, 30))

    class Meta(Quiet.Meta):
        constraints: ClassVar = [
            *Quiet.Meta.constraints,
            models.CheckConstraint(condition=models.Q(id=1), name="mailbox_one"),
        ]


class Gateway(Quiet):
    """短信网关: the address to which text messages are posted; there is one row or none."""

    class Form(models.TextChoices):
        JSON = "json", _("JSON")
        FORM = "form", _("表单")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    url = models.CharField(_("网关地址"), max_length=300)
    form = models.CharField(_("格式"), max_length=5, choices=Form, default=Form.JSON)
    phone_field = models.CharField(_("手机号的字段名"), max_length=60, default="phone")
    text_field = models.CharField(_("正文的字段名"), max_length=60, default="text")
    header = models.CharField(_("密钥放在哪个请求头"), max_length=60, blank=True)
    secret = SealedField(purpose="gateway.secret", null=True)
    success = models.CharField(_("成功的回答里有"), max_length=100, blank=True)
    signature = models.CharField(_("短信签名"), max_length=20, blank=True)
    inside = models.BooleanField(_("网关在本机或内网"), default=False)
    homes = models.BooleanField(_("没有邮箱的住户，进展用短信告诉"), default=False)
    active = models.BooleanField(_("启用"), default=True)

    class Meta(Quiet.Meta):
        constraints: ClassVar = [
            *Quiet.Meta.constraints,
            models.CheckConstraint(condition=models.Q(id=1), name="gateway_one"),
        ]


class Wording(models.Model):
    """模板: how the house words the letters of one code; without a row the preset holds."""

    code = models.CharField(primary_key=True, max_length=40)
    subject = models.CharField(_("主题"), max_length=200)
    body = models.TextField(_("正文"), max_length=4000)

    community_id = 0  # the same words everywhere
