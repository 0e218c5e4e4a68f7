"""What the clauses that follow a fact ask for, written down by hand: see `test_dated`. Now is Wednesday 2026-07-22, 10:00."""

from __future__ import annotations

from tests.duties import scenes
from tests.duties.scenes import Line, case, chosen, classed, fact, noted, sent

COMPLAINT = case("complaint")
FINISHED = ("order:finished", {"public": True})
DONE = ("case:done", {"follow_up_by": 7})
OPENED = ("order:opened", {"trade": "plumbing", "urgent": False})
CLASSED = fact("case:classified", level=1, severity="minor")
CALLED = fact("follow_up:tried", outcome="reached", satisfied=True)
URGENT = ("order:opened", {"trade": "plumbing", "urgent": True})
SENT_OUT = fact("order:dispatched", **scenes.SENT, urgent=False)
AGAIN = ("case:reopened", {"handler": 7})
APPOINTED = ("order:appointed", {"due": "2026-07-23T15:00:00+08:00"})

# fmt: off
FACTS = (
    # Repairs: dispatch in half an hour, there in two, done in a day; urgent: in ten minutes, there in half an hour, done in four.
    Line("A-3.4.7a B-FD.6", "repair.dispatch", case("repair", OPENED), "first_responder", "2026-07-22 10:30", SENT_OUT),
    Line("A-3.4.7a B-FD.6 A-0.8", "repair.dispatch.urgent", case("repair", URGENT), "first_responder", "2026-07-22 10:10", SENT_OUT),
    Line("A-0.8 A-3.1.10", "repair.arrive", sent(), "handler", "2026-07-22 12:00", fact("order:arrived")),
    Line("A-0.8 A-3.1.10", "repair.arrive.urgent", sent(urgent=True), "handler", "2026-07-22 10:30", fact("order:arrived")),
    Line("E-2.2.2 A-0.8 B-BB.20", "repair.arrive.agreed", sent(APPOINTED), "handler", "2026-07-23 15:00", fact("order:arrived")),
    Line("A-0.8 A-3.1.10", "repair.finish", sent(), "handler", "2026-07-23", fact("order:finished", public=False)),
    Line("A-0.8 A-3.1.10", "repair.finish.urgent", sent(urgent=True), "handler", "2026-07-22 14:00", fact("order:finished", public=False)),
    Line("B-FD.6", "repair.inspect", sent(FINISHED), "customer_assistant", "2026-07-23", fact("order:inspected", passed=True)),
    # Answers, complaints, calls.
    Line("E-1.3.2 B-2.2", "inquiry.answer", case("inquiry"), "first_responder", "2026-07-22 12:00", fact("case:answered")),
    Line("A-3.2.5 B-2.9", "suggestion.answer", case("suggestion"), "first_responder", "2026-07-25", fact("case:answered")),
    Line("C-4.3b.1 A-3.4.7b", "complaint.classify", COMPLAINT, "cs_supervisor", "2026-07-22 12:00", CLASSED),
    Line("E-1.5.2 A-3.4.7b", "complaint.reply", COMPLAINT, "handler", "2026-07-25", fact("case:replied")),
    Line("C-4.3b.4 C-4.3b.3.A", "complaint.solve", classed(1), "handler", "2026-07-27", fact("case:solved")),
    Line("C-4.3b.4 C-4.3b.3.B", "complaint.solve", classed(2), "handler", "2026-08-06", fact("case:solved")),
    Line("C-4.3b.4 C-4.3b.3.C", "complaint.solve", classed(3), "handler", "2026-08-21", fact("case:solved")),
    Line("C-4.3b.4", "complaint.settle", classed(1, complaint__classes="severity"), "handler", "2026-07-29", fact("case:solved")),
    Line("E-2.2.1", "complaint.same_day", chosen(COMPLAINT, profile="sales"), "handler", "2026-07-22", fact("case:solved")),
    Line("E-2.2.2", "complaint.tell", chosen(COMPLAINT, complaint__unfinished_same_day="yes"), "handler", "2026-07-22", fact("case:promised")),
    Line("E-1.5.1 E-1.4.3 B-FD.5", "follow_up", case("repair", DONE), "follow_up_by", "2026-07-23", CALLED),
    Line("E-1.4.1 E-1.4.5", "case.redo", case("repair", DONE, AGAIN), "first_responder", "2026-07-24", fact("case:done", follow_up_by=7)),
    # Tasks and what is noted by hand.
    Line("A-3.1.5 A-3.5.12 D-1.7 B-BB.19 B-FD.21", "task.done", scenes.given, "owner", "2026-07-24 17:00", fact("task:done")),
    Line("A-3.7.6 E-1.1.2", "major.report", noted("major_issue"), "hotline_operator", "2026-07-22 10:30"),
    Line("B-FD.18", "key.back", noted("key_lent"), "front_desk_assistant", "2026-07-22", fact("occasion:closed", kind="key_lent")),
    Line("A-5.2.2.1", "dunning.first", noted("arrears", on="2026-06-30"), "cs_supervisor", "2026-07-31"),
    Line("A-5.2.2.2", "dunning.second", noted("arrears", on="2026-06-30"), "cs_supervisor", "2026-08-31"),
    Line("A-5.4.2.1", "visit.first", noted("move_in"), "office_manager", "2026-08-22"),
    Line("A-5.4.2.6", "visit.second", scenes.second_visit, "office_manager", "2026-09-01"),
    Line("B-BB.14", "ponding.test", noted("ponding"), "building_butler", "2026-07-25 10:00", fact("occasion:closed", kind="ponding")),
    Line("C-4.2.2.D", "notice.outage", noted("outage", due="2026-07-25 08:00"), "back_office", "2026-07-24 08:00"),
    Line("C-4.5", "survey.review", noted("own_survey", due="2026-07-30 09:00"), "centre_manager", "2026-07-30 09:00"),
    Line("E-2.1.1", "sales.receive", noted("presale_received", profile="sales"), "sales_cs", "2026-07-22"),
    Line("E-2.1.5", "sales.mortgage", noted("mortgage_files", profile="sales"), "sales_cs", "2026-07-23 10:00"),
    Line("E-2.1.7", "sales.lawyer", noted("contract_received", profile="sales"), "sales_cs", "2026-07-22"),
    Line("E-2.1.8", "sales.contract", noted("registered_contract", profile="sales"), "sales_cs", "2026-07-24"),
    Line("E-2.1.13 E-2.1.10", "penalty.propose", scenes.lapsed, "sales_director", "2026-07-26"),
)
