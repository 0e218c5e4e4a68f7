"""What notices say: one sentence per code. ``{name}`` parts come from the notice's data."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.refusals import Sentence

NOTICES: dict[str, str | Promise] = {
    "order.assigned": _("派给你一张派工单"),
    "order.refused": _("派工单被退回，请另派"),
    "order.absent": _("师傅上门时家里没人，请和住户另约时间"),
    "case.handed": _("转给你办理"),
    "case.reopened": _("住户不满意，已重新办理"),
    "case.urged": _("住户催办"),
    "complaint.registered": _("有一件投诉要你处理"),
    "complaint.classified": _("有一件投诉定级后由你处理"),
    "back_entry.confirm": _("有一条补录等你确认时间"),
    "duty.warned": _("「{clause}」快到期了"),
    "duty.late": _("「{clause}」已到期，还没有办完"),
    "duty.long_late": _("「{clause}」已严重超时"),
    "delivery.parked": _("有 {count} 条后台任务多次失败，请告知维护人员"),
}
ICONS: dict[str, str] = {
    "order.assigned": "send",
    "order.refused": "arrow-back",
    "order.absent": "door-off",
    "case.handed": "arrow-right",
    "case.reopened": "refresh",
    "case.urged": "bell",
    "complaint.registered": "message",
    "complaint.classified": "tag",
    "back_entry.confirm": "rubber-stamp",
    "duty.warned": "hourglass",
    "duty.late": "alert-octagon",
    "duty.long_late": "alert-octagon",
}

REFUSALS: dict[str, Sentence] = {
    "notice.not_found": _("没有这条提醒。"),
}
