"""Which facts become notices, and to whom. Runs after the commit, at least once; a notice is kept once per person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shouwen.kernel.journal import Fact
from shouwen.kernel.models import Entry
from shouwen.notices.actions import tell
from shouwen.people import who
from shouwen.people.models import Staff

Hearers = Callable[[Fact], Iterable[int | None]]


@dataclass(frozen=True)
class Line:
    """A fact, the notice that it becomes, who hears it, and on which condition; ``data`` goes along into the notice.

    ``name``: so does the name of the colleague whom the fact is about.

    A fact about an account belongs to the whole house; it names the community where it matters.
    """

    verb: str
    code: str
    hearers: Hearers
    when: Callable[[Fact], bool] = lambda _: True
    data: tuple[str, ...] = ()
    name: bool = False


def named(*names: str) -> Hearers:
    """Whoever the fact names, or an earlier fact of the same matter named last."""

    def find(fact: Fact) -> list[int | None]:
        return [_named(fact, name) for name in names]

    return find


def holding(code: str) -> Hearers:
    """All who hold a post or right in the community."""
    return lambda fact: who.holders(fact.community, code)


def _sender(fact: Fact) -> list[int | None]:
    """Who sent the technician: the last dispatch of the matter tells."""
    sent = Entry.objects.filter(
        matter_id=fact.matter, verb="order:dispatched", actor_kind="staff", id__lte=fact.id
    )
    return [sent.order_by("-id").values_list("actor_id", flat=True).first()]


def _sent_back(fact: Fact) -> list[int | None]:
    """Who answers for the matter, and who has to send somebody else."""
    return [_named(fact, "first_responder"), *_sender(fact)]


def _managers(fact: Fact) -> list[int | None]:
    """Those who manage the staff where somebody is stood in for."""
    return [*who.holders(int(fact.data.get("community") or 0), "staff.manage")]


def _handed_in(fact: Fact) -> bool:
    """Whether a colleague noted their own absence."""
    return fact.actor_kind == "staff" and str(fact.actor_id) == fact.subject_id


def _complaint_owners(fact: Fact) -> list[int | None]:
    handler = _named(fact, "handler")
    # Nobody has it yet, or only the person who wrote it down: those who class complaints hear of it.
    if handler is None or (handler == fact.actor_id and fact.actor_kind == "staff"):
        return [
            *(who.holders(fact.community, "cs_supervisor") or who.holders(fact.community, "complaint.handle"))
        ]
    return [handler]


def _back_entry(fact: Fact) -> bool:
    return fact.data.get("back_entry") is True


def _had_hands(fact: Fact) -> bool:
    return fact.was in ("offered", "accepted")


def _by_resident(fact: Fact) -> bool:
    return fact.actor_kind == "resident"


LINES: tuple[Line, ...] = (
    Line(
        "order:dispatched", "order.assigned", named("technician"), lambda f: f.data.get("how") == "assigned"
    ),
    Line("order:refused", "order.refused", _sent_back),
    Line("order:recalled", "order.taken_back", named("technician")),
    Line("order:cancelled", "order.taken_back", named("technician"), _had_hands),
    Line(
        "order:paused", "order.absent", named("first_responder"), lambda f: f.data.get("reason") == "absent"
    ),
    Line("case:handed", "case.handed", named("handler")),
    Line("case:urged", "case.urged", named("handler", "first_responder")),
    Line("case:reopened", "case.reopened", named("first_responder", "handler")),
    Line("case:classified", "complaint.classified", named("handler")),
    Line(
        "case:registered",
        "complaint.registered",
        _complaint_owners,
        lambda f: f.data.get("kind") == "complaint" and f.data.get("channel") != "import",
    ),
    Line("case:registered", "resident.registered", named("first_responder"), _by_resident),
    Line("case:said", "resident.said", named("handler", "first_responder")),
    Line("staff:handed_over", "staff.handed_over", named("heir"), data=("count",)),
    Line("staff:away", "staff.stand_in", named("heir"), data=("since", "until"), name=True),
    Line("staff:away", "staff.away", _managers, _handed_in, data=("since", "until"), name=True),
    Line("staff:back", "staff.back", named("heir"), lambda f: f.data.get("heir") is not None, name=True),
    Line("case:registered", "back_entry.confirm", holding("case.supervise"), _back_entry),
)
VERBS: frozenset[str] = frozenset(line.verb for line in LINES)


def tell_of(fact: Fact) -> None:
    """The reader: every line of the fact. Never to who did it, never to the employee complained of."""
    silent = {_named(fact, "about"), fact.actor_id if fact.actor_kind == "staff" else None, None}
    for line in LINES:
        if line.verb != fact.verb or not line.when(fact):
            continue
        staff = [s for s in dict.fromkeys(line.hearers(fact)) if s not in silent and s is not None]
        if line.code == "back_entry.confirm":
            staff = [s for s in staff if s != fact.data.get("first_responder")]
        community, data = (
            fact.community or fact.data.get("community"),
            {name: fact.data[name] for name in line.data} | (_about(fact) if line.name else {}),
        )
        tell(
            int(community or 0),
            staff,
            line.code,
            data=data,
            matter=fact.matter,
            once=f"{line.code}:{fact.id}",
        )


def _about(fact: Fact) -> dict[str, str]:
    found = Staff.objects.filter(pk=int(fact.subject_id)).values_list("name", flat=True).first()
    return {"name": found or ""}


def _named(fact: Fact, name: str) -> int | None:
    """The person under a name: of this fact, else of the matter's last fact that has it."""
    value = fact.data.get(name)
    if value is None and fact.matter is not None:
        earlier = Entry.objects.filter(matter_id=fact.matter, id__lte=fact.id, data__has_key=name)
        value = earlier.order_by("-id").values_list(f"data__{name}", flat=True).first()
    return value if type(value) is int else None
