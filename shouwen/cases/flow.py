"""The table of moves of a case (W1-W4). Repairs move to ``working`` and ``done`` through their orders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.cases.models import OPEN, Case, Kind, State
from shouwen.kernel.actors import Actor
from shouwen.kernel.flow import Flow, Guard, Move, every


def only(*kinds: Kind) -> Guard:
    """Let only these kinds of case through."""

    def only_kinds(case: Case, actor: Actor) -> str | None:
        return None if case.kind in kinds else "case.not_this_kind"

    return only_kinds


def not_by_orders(case: Case, actor: Actor) -> str | None:
    """What a technician is sent for is finished by the order, not by a press on the case."""
    return "case.has_orders" if case.kind == Kind.REPAIR else None


def separate(case: Case, actor: Actor) -> str | None:
    """Who did the work does not ask whether it was good (E-1.5.1)."""
    did = case.kind == Kind.REPAIR and case.handler_id is not None and case.handler_id == actor.staff_id
    return "case.own_work" if did else None


def by_resident(case: Case, actor: Actor) -> str | None:
    """Only the household speaks for itself; staff have the follow-up."""
    return None if actor.kind == "resident" else "case.residents_own"


def not_sent(case: Case, actor: Actor) -> str | None:
    """Hands that are on their way, or at work, are called back first: by a person, not by a merge."""
    return "case.merge_sent" if case.kind == Kind.REPAIR and case.state != State.RECEIVED else None


def unconfirmed_back_entry(case: Case, actor: Actor) -> str | None:
    if not case.back_entry or case.back_entry_by_id:
        return "case.no_back_entry"
    # A machine is nobody who has seen the paper.
    return "case.confirm_self" if actor.kind != "staff" or case.first_responder_id == actor.id else None


ANSWERABLE = only(Kind.INQUIRY, Kind.SUGGESTION)
COMPLAINT = only(Kind.COMPLAINT)
R, W, D = State.RECEIVED, State.WORKING, State.DONE
KNOWN = every(State, but=(State.MERGED,))

CASE = Flow(
    model=Case,
    states=dict(State.choices),
    early=frozenset({"photograph"}),
    moves=(
        Move("answer", _("答复"), (R, W), D, "case.answer", "case:answered", (ANSWERABLE,), "R", True),
        Move("classify", _("定级"), (R, W), W, "complaint.handle", "case:classified", (COMPLAINT,), "C", True),
        Move("reply", _("答复投诉人"), (R, W), W, "case.answer", "case:replied", (COMPLAINT,), "R"),
        Move("solve", _("处理完毕"), (W,), D, "case.answer", "case:solved", (COMPLAINT,), "V"),
        Move("hand", _("转派"), (R, W, D), None, "case.answer", "case:handed", (not_by_orders,), "D"),
        Move("follow_up", _("回访"), (D,), None, "case.follow_up", "follow_up:tried", (separate,), "F", True),
        Move("urge", _("催办"), (R, W), None, "case.register", "case:urged", (), "U"),
        Move("say", _("补充说明"), OPEN, None, "case.register", "case:said", (by_resident,), hidden=True),
        Move("confirm", _("确认"), (D,), None, "case.register", "case:confirmed", (by_resident,), hidden=True),
        Move("promise", _("约时间"), (R, W), None, "case.register", "case:promised", (), "T"),
        Move("note", _("记一笔"), KNOWN, None, "order.see", "case:noted", (), "N"),
        Move("photograph", _("加照片"), KNOWN, None, "order.see", "case:photographed", (), "", hidden=True),
        Move("refile", _("改分类"), OPEN, None, "case.answer", "case:refiled", (), "G"),
        Move("recast", _("改类型"), (R, W), None, "case.answer", "case:recast"),
        Move("decline", _("不改"), OPEN, None, "case.answer", "case:suggestion_declined", hidden=True),
        Move(
            "confirm_back_entry", _("确认补录"), KNOWN, None, "case.supervise",
            "case:back_entry_confirmed", (unconfirmed_back_entry,), "B", True,
        ),
        Move("close_unconfirmed", _("未确认关闭"), (D,), State.UNCONFIRMED, "case.supervise", "case:unconfirmed", (), "K"),
        Move("merge", _("并入"), (R, W), State.MERGED, "case.cancel", "case:merged", (not_sent,), "J"),
        Move("cancel", _("取消"), OPEN, State.CANCELLED, "case.cancel", "case:cancelled", (), "Q"),
        # Made by other moves and by orders, never by a button.
        Move("start", _("开始处理"), (R, W, D), W, "order.see", "case:started", hidden=True),
        Move("wait", _("待派工"), (R, W), R, "order.see", "case:waiting", hidden=True),
        Move("finish", _("办理完成"), (R, W), D, "order.see", "case:done", hidden=True),
    ),
)  # fmt: skip
