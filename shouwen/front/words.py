"""The sentences of the staff door itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb

VERBS = (Verb("data:exported", _("{actor} 导出清单"), ("list", "rows", "whole"), "file-export"),)

REFUSALS = {
    "front.no_grant": _("你还没有任何项目的授权，请联系主管。"),
    "front.no_sheets": _("没有待接单的派工单可打印。"),
    "pocket.other_account": _("这部手机现在登录的是另一个账号，请用原来的账号登录后再送出。"),
    "pocket.no_key": _("这一条没有编号，不能送出。"),
    "pocket.no_photo": _("没有收到照片。"),
    "pocket.unfit": _("没有办成：{why}"),
    "manual.fault": _("手册的文件有错，{where}：{why}"),
    "front.draft": _("这不是一份草稿。"),
    "front.no_right": _("你没有看这一页的权限。"),
}
