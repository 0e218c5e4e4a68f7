"""Staff, posts, grants, areas and skills, tokens, sessions: who works here and what each may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Branch, Building, Community, Company
from shouwen.kernel.actors import Actor
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.text import seeded
from shouwen.kernel.vault import SealedField
from shouwen.people.residents import HomeCode, HomeSignIn, HomeSlip

__all__ = [
    "Absence", "Area", "Draft", "Fallback", "Grant", "HomeCode", "HomeSignIn", "HomeSlip", "Post", "SavedView", "SignIn", "Skill",
    "Staff", "Token", "TotpReset", "Trade",
]  # fmt: skip


class Trade(models.TextChoices):
    """工种: categories of cases name the trade that repairs them."""

    PLUMBING = "plumbing", _("水电")
    CARPENTRY = "carpentry", _("土建木作")
    LOW_VOLTAGE = "low_voltage", _("弱电")
    LIFT = "lift", _("电梯")
    CLEANING = "cleaning", _("保洁")
    GREENING = "greening", _("绿化")
    SECURITY = "security", _("秩序")
    GENERAL = "general", _("综合")


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username__iexact=username)


class StaffQuerySet(models.QuerySet["Staff"]):
    def visible_to(self, viewer: Actor) -> StaffQuerySet:
        """Colleagues who hold a grant in a community of the viewer, at whatever level."""
        return self.filter(pk__in=Grant.objects.reaching(viewer.communities).values("staff"))


class Staff(AbstractBaseUser):
    """员工: a person who signs in and holds posts through grants."""

    username = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    pinyin = models.CharField(max_length=120, editable=False, default="")
    initials = models.CharField(max_length=40, editable=False, default="")
    phone = models.CharField(_("工作电话"), max_length=30, blank=True)
    email = models.EmailField(_("邮箱"), max_length=200, blank=True)
    is_active = models.BooleanField(_("在职"), default=True)
    must_change = models.BooleanField(_("首次登录须改密码"), default=True)
    language = models.CharField(_("界面语言"), max_length=10, blank=True)

    community_id = 0  # facts about an account belong to the whole house

    objects = StaffManager.from_queryset(StaffQuerySet)()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def surname(self) -> str:
        """The one character that stands in seals and hands."""
        return self.name[:1]


class Department(models.TextChoices):
    """部门: where a post stands in the house, as lists of posts are grouped."""

    COMPANY = "company", _("公司和总部")
    LEADERS = "leaders", _("项目负责人")
    SERVICE = "service", _("客户服务")
    WORKS = "works", _("工程、安保和环境")
    MONEY = "money", _("收费和财务")
    SALES = "sales", _("售楼")
    OUTSIDE = "outside", _("业委会和外部单位")
    OTHER = "other", _("其他")


class Post(models.Model):
    """岗位: what a grant gives. ``rights`` are codes of ``people.rights.RIGHTS``."""

    code = models.SlugField(_("岗位代码"), primary_key=True, max_length=40)
    name = models.CharField(_("岗位"), max_length=60)
    reports_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("上级岗位")
    )
    department = models.CharField(_("部门"), max_length=10, choices=Department, default=Department.OTHER)
    rights = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("权限"))
    totp = models.BooleanField(_("须用动态口令"), default=False)
    active = models.BooleanField(_("启用"), default=True)
    sort = models.PositiveSmallIntegerField(default=100)

    community_id = 0  # posts are the same everywhere

    class Meta:
        ordering: ClassVar = ["sort", "code"]

    def __str__(self) -> str:
        return seeded(self.name)


class GrantQuerySet(models.QuerySet["Grant"]):
    def reaching(self, community_ids: Any) -> GrantQuerySet:
        """Grants that reach any of these communities: given there, in their branch or in their company."""
        here = Community.objects.filter(pk__in=community_ids)
        return self.filter(
            models.Q(community__in=here)
            | models.Q(branch__communities__in=here)
            | models.Q(company__branches__communities__in=here)
        )

    def visible_to(self, viewer: Actor) -> GrantQuerySet:
        return self.reaching(viewer.communities)


class Grant(models.Model):
    """授权: a staff member holds a post in one community, branch or company."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="grants")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="grants", verbose_name=_("岗位"))
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("公司")
    )
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("分公司")
    )
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("项目")
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(company__isnull=False, branch__isnull=True, community__isnull=True)
                | models.Q(company__isnull=True, branch__isnull=False, community__isnull=True)
                | models.Q(company__isnull=True, branch__isnull=True, community__isnull=False),
                name="grant_one_place",
                violation_error_message=_("授权要选公司、分公司、项目其中一处。"),
            ),
            models.UniqueConstraint(
                fields=["staff", "post", "company", "branch", "community"],
                nulls_distinct=False,
                name="grant_once",
                violation_error_message=_("这个人已有这项授权。"),
            ),
        ]


class Area(models.Model):
    """责任楼栋: a building that a butler or technician looks after."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="areas")
    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="areas")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "building"], name="area_once")]


class Skill(models.Model):
    """工种: a trade that a staff member can be sent for."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="skills")
    trade = models.CharField(_("工种"), max_length=20, choices=Trade)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "trade"], name="skill_once")]


class Fallback(models.Model):
    """兜底负责人: who owns what nobody else can, one per community."""

    community = models.OneToOneField(
        Community, primary_key=True, on_delete=models.CASCADE, related_name="fallback"
    )
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)

    objects = ScopedQuerySet.as_manager()


class Token(models.Model):
    """接口令牌: lets a machine act in one community with the rights listed. Only its digest is kept."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, verbose_name=_("以谁的名义"))
    name = models.CharField(_("用途"), max_length=60)
    digest = models.BinaryField(unique=True, editable=False)
    rights = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("权限"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()


class SignIn(models.Model):
    """登录会话: one signed-in browser; ended from the list of sessions or by signing out."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class TotpReset(models.Model):
    """动态口令重置: asked by one supervisor, carried out by another."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="totp_resets")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_by__isnull=True) | ~models.Q(done_by=models.F("asked_by")),
                name="totp_reset_two_persons",
                violation_error_message=_("重置动态口令要两个人：申请人不能自己批准。"),
            )
        ]


class SavedView(models.Model):
    """视图: a list with filters that a staff member keeps in the rail."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(_("名称"), max_length=30)
    path = models.CharField(max_length=500)
    sort = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sort", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "name"], name="view_name", violation_error_message=_("你已有同名的视图。")
            )
        ]


class Draft(models.Model):
    """草稿: what somebody typed into a form and has not sent; it may be a resident's words, so it is sealed."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=500)
    words = SealedField(purpose="draft.words")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "form"], name="draft_form")]
        indexes: ClassVar = [models.Index(fields=["at"], name="draft_at")]


class Absence(models.Model):
    """请假: the days on which a colleague is away, and who stands in meanwhile: is told in their place, and may act."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", verbose_name=_("代理人")
    )
    since = models.DateField(_("第一天"))
    until = models.DateField(_("最后一天"))
    ended_at = models.DateTimeField(null=True)

    community_id = 0  # facts about an account belong to the whole house

    class Meta:
        ordering: ClassVar = ["since"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")),
                name="absence_days",
                violation_error_message=_("最后一天不能早于第一天。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(staff=models.F("substitute")),
                name="absence_other",
                violation_error_message=_("代理人要是另一位同事。"),
            ),
        ]
