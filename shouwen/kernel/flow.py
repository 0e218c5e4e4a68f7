"""Flow: the life of a matter as a table of moves.

``@FLOW.move("reply")`` above a plain function adds the frame: open the transaction, lock the row, check scope,
version, right, state and guard, refuse aloud, run the body, set the state, write the fact.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models
from django.utils.functional import Promise

from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.journal import Data, current, frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale

Guard = Callable[[Any, Actor], str | None]
"""A named predicate over (row, actor): None when all is well, else the code of the refusal that greys the button."""

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
Body = Callable[Concatenate[Any, P], Data | None]


@dataclass(frozen=True)
class Move:
    """One line of the table. ``target`` None keeps the state; ``fact`` is the verb written; ``key`` the shortcut.

    ``late`` says more than "not in this state" to whoever comes after the state has passed.
    """

    name: str
    label: str | Promise
    sources: tuple[str, ...]
    target: str | None
    right: str
    fact: str
    when: tuple[Guard, ...] = ()
    key: str = ""
    primary: bool = False
    hidden: bool = False
    late: Callable[[Any, Actor], Refused | None] | None = None


@dataclass
class Flow:
    """The moves of one model with ``state``, ``version`` and ``community_id``.

    Moves named in ``early`` keep the time at which they happened when they are heard of only later. ``under`` is a
    foreign key whose row is locked before the own one: whoever touches both takes them in one order, and nobody waits
    for somebody who waits for them.
    """

    model: type[models.Model]
    states: dict[str, str | Promise]
    moves: tuple[Move, ...]
    actions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    early: frozenset[str] = frozenset()
    under: str = ""

    def __post_init__(self) -> None:
        for move in self.moves:
            if unknown := ({*move.sources, move.target} - {None}) - set(self.states):
                raise ValueError(f"{move.name}: unknown states {unknown}")

    def __getitem__(self, name: str) -> Move:
        for move in self.moves:
            if move.name == name:
                return move
        raise KeyError(name)

    def refusal(self, move: Move, row: Any, actor: Actor) -> Refused | None:
        """Why ``actor`` may not make this move now; None when nothing stands in the way."""
        if not actor.may(move.right, row.community_id):
            return NotAllowed("no_right", move=str(move.label))
        if row.state not in move.sources:
            said = move.late(row, actor) if move.late else None
            return said or Refused("wrong_state", move=str(move.label), state=str(self.states[row.state]))
        for guard in move.when:
            if code := guard(row, actor):
                return Refused(code)
        return None

    def offered(self, row: Any, actor: Actor) -> list[tuple[Move, Refused | None]]:
        """The moves that leave the row's state and that the actor has the right to, with what greys each."""
        here = [m for m in self.moves if row.state in m.sources and not m.hidden]
        answers = ((m, self.refusal(m, row, actor)) for m in here)
        return [(m, no) for m, no in answers if not isinstance(no, NotAllowed)]

    def move(self, name: str) -> Callable[[Callable[Concatenate[M, P], Data | None]], Callable[..., M]]:
        """Make a body the action of a move: ``action(id, *, actor, version=None, **inputs) -> fresh row``."""
        move = self[name]

        def decorate(body: Callable[Concatenate[M, P], Data | None]) -> Callable[..., M]:
            @functools.wraps(body)
            def action(key: Any, *, actor: Actor, version: int | None = None, **inputs: Any) -> Any:
                with frame(actor):
                    row = self._locked(key, actor)
                    if version is not None and row.version != version:
                        raise Stale(row, version)
                    if no := self.refusal(move, row, actor):
                        raise no
                    self._make(move, row, body, actor, inputs)
                return row

            self.actions[name] = action
            return action

        return decorate

    def _locked(self, key: Any, actor: Actor) -> Any:
        """The row, locked. A key goes through the actor's scope; a row was reached through one the actor sees."""
        manager: Any = self.model._default_manager
        rows, key = (
            (manager.all(), key.pk) if isinstance(key, self.model) else (manager.visible_to(actor), key)
        )
        if self.under:
            above: Any = self.model._meta.get_field(self.under).related_model
            mine = above._base_manager.filter(pk__in=rows.filter(pk=key).values(self.under))
            list(mine.select_for_update().values_list("pk"))
        row = rows.select_for_update(of=("self",)).filter(pk=key).first()
        if row is None:
            raise NotFound("not_found")
        return row

    def _make(
        self, move: Move, row: Any, body: Callable[..., Data | None], actor: Actor, inputs: Any
    ) -> None:
        """Run the body, which may itself set the state and record further facts; the move's own fact comes first."""
        was, opened, own = row.state, current(), uuid7()
        outer, opened.fact_id = opened.fact_id, own
        row.state = move.target or was
        row.version += 1
        place = len(opened.facts)
        data = body(row, actor=actor, **inputs) or {}
        row.save()
        at = clock.earlier() if move.name in self.early else None
        fact = record(move.fact, row, at, was=was, now=row.state, **data)
        opened.facts.remove(fact)
        opened.facts.insert(place, replace(fact, id=own))
        opened.fact_id = outer

    def diagram(self) -> str:
        """The moves that change the state as Mermaid text, for the documentation."""
        lines = (
            f"    {source} --> {move.target or source}: {move.label}"
            for move in self.moves
            for source in move.sources
            if (move.target or source) != source
        )
        return "stateDiagram-v2\n" + "\n".join(lines)


def every(states: Iterable[str], *, but: Iterable[str] = ()) -> tuple[str, ...]:
    """All ``states`` except ``but``: the sources of a move that is nearly always possible."""
    return tuple(s for s in states if s not in set(but))
