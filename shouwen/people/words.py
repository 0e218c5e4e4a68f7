"""One sentence for every fact and every refusal of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence

VERBS = (
    Verb("staff:added", _("{actor} 新建了员工账号"), icon="user"),
    Verb("staff:changed", _("{actor} 修改了员工资料"), ("fields",), icon="pencil"),
    Verb("staff:left", _("{actor} 停用了员工账号"), icon="logout"),
    Verb(
        "staff:handed_over",
        _("{actor} 把手上的 {count} 件事转给 {heir}"),
        ("heir", "community", "count"),
        icon="arrow-right",
    ),
    Verb("staff:returned", _("{actor} 恢复了员工账号"), icon="login"),
    Verb("staff:password_reset", _("{actor} 重置了员工密码"), icon="key"),
    Verb("staff:password_changed", _("{actor} 修改了自己的密码"), icon="key"),
    Verb("staff:signed_in", _("{actor} 登录"), ("session",), icon="login"),
    Verb("staff:signed_out", _("{actor} 退出登录"), ("session",), icon="logout"),
    Verb("staff:session_ended", _("{actor} 结束了登录会话"), ("session",), icon="logout"),
    Verb("staff:locked_out", _("{actor} 连续输错，登录暂时锁定"), icon="lock"),
    Verb("staff:totp_enrolled", _("{actor} 启用了动态口令"), icon="key"),
    Verb("staff:totp_reset_asked", _("{actor} 申请重置动态口令"), ("reset",), icon="key"),
    Verb("staff:totp_reset_done", _("{actor} 批准重置动态口令"), ("reset",), icon="key"),
    Verb(
        "staff:granted",
        _("{actor} 授予了岗位：{post}"),
        ("grant", "post", "company", "branch", "community"),
        icon="check",
    ),
    Verb(
        "staff:revoked",
        _("{actor} 收回了岗位：{post}"),
        ("grant", "post", "company", "branch", "community"),
        icon="x",
    ),
    Verb("staff:skills", _("{actor} 调整了工种"), ("trades",), icon="tool"),
    Verb("post:changed", _("{actor} 修改了岗位权限"), ("added", "removed", "fields"), icon="pencil"),
    Verb("post:added", _("{actor} 新建了岗位"), icon="plus"),
    Verb("area:given", _("{actor} 分配了责任楼栋"), ("staff", "building"), icon="building"),
    Verb("area:taken", _("{actor} 收回了责任楼栋"), ("staff", "building"), icon="building"),
    Verb("fallback:set", _("{actor} 指定了兜底负责人"), ("staff", "previous"), icon="user"),
    Verb("token:issued", _("{actor} 发放了接口令牌"), ("staff", "rights"), icon="key"),
    Verb("token:ended", _("{actor} 停用了接口令牌"), icon="x"),
    Verb("home_slip:issued", _("{actor} 发了住户登录条"), ("person",), icon="qrcode"),
    Verb("home_slip:used", _("{actor} 用登录条登录"), ("person",), icon="qrcode"),
    Verb("home_slip:voided", _("{actor} 作废了登录条"), ("person",), icon="x"),
    Verb("resident:signed_in", _("{actor} 在手机上登录"), ("person", "by"), icon="login"),
    Verb("resident:signed_out", _("{actor} 在手机上退出"), ("person",), icon="logout"),
    Verb("resident:session_ended", _("{actor} 结束了住户的登录"), ("person",), icon="logout"),
)

REFUSALS: dict[str, Sentence] = {
    "beyond_own_rights": _("只能授予自己在那里也有的权限；你没有：{rights}。"),
    "own_post": _("不能修改自己的岗位或授权，请让另一位有权限的同事来做。"),
    "stronger_colleague": _("这位同事有你没有的权限，不能由你修改。"),
    "last_manager": _("这是最后一位能管理人员的同事，先把权限授予另一位。"),
    "is_fallback": _("{name}是“{community}”的兜底负责人，先指定另一位。"),
    "still_holds": _("{name}手上还有事没转出去：{what}。请先转给别人。"),
    "hand_over_to_self": _("要转给另一位同事。"),
    "not_here": _("{name}在这个项目没有岗位。"),
    "inactive": _("{name}已停用。"),
    "bad_work_phone": _("工作电话：{why}。"),
    "unknown_right": _("没有“{right}”这项权限。"),
    "bad_password": _("密码不合要求：{why}"),
    "wrong_password": _("现在的密码不对。"),
    "wrong_sign_in": _("登录名或密码不对。"),
    "locked_out": _("输错次数太多，请在 {minutes} 分钟后再试。"),
    "wrong_code": _("动态口令不对或已过期，请用验证器里新的一组数字。"),
    "reset_pending": _("已有一份重置申请在等另一位同事批准。"),
    "reset_by_same": _("重置动态口令要两个人：申请人不能自己批准。"),
    "reset_own": _("不能重置自己的动态口令，请让另外两位同事来做。"),
    "reset_done": _("这份申请已经处理过了。"),
    "no_totp": _("{name}没有启用动态口令。"),
    "post_circle": _("岗位的上级不能绕回自己。"),
    "home_slip.not_here": _("登录条只能发给今天住在或拥有这套房的人。"),
    "home_slip.over": _("这张登录条已经用过或过期了，请到服务中心再要一张。"),
    "home_code.wrong": _("验证码不对或已过期。可以再要一个，或到服务中心要一张登录条。"),
    "home.too_often": _("试得太多了，请在 {minutes} 分钟后再试。"),
    "token_staff": _("令牌要由一位在这个项目有岗位的在职员工负责。"),
    "people_staff_username_key": _("已有员工用了这个登录名。"),
    "area_once": _("这栋楼已分配给这位同事。"),
    "skill_once": _("这位同事已有这个工种。"),
}
