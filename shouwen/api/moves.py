"""The machine's way to make a move: the same table, forms and actions as the screens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shouwen.api.fields import without_nul
from shouwen.api.schemas import MoveOut
from shouwen.kernel.doors import MoveForm
from shouwen.kernel.flow import Flow
from shouwen.kernel.once import once
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale
from shouwen.people.viewers import TokenActor

Forms = dict[str, type[MoveForm]]
VERSION = 2**31 - 1


class Inputs(BaseModel):
    """The inputs of a move beside the version of the row that the sender knows (see the table of moves)."""

    model_config = ConfigDict(extra="allow")
    version: int | None = Field(None, ge=1, le=VERSION)

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, data: Any) -> Any:
        return without_nul(data)


class Invalid(Refused):
    """The form of the move refuses; ``faults`` has every field with its sentence."""

    def __init__(self, faults: dict[str, str]) -> None:
        field, why = next(iter(faults.items()))
        super().__init__("api.invalid", field=field, why=why)
        self.faults = faults


def make(flow: Flow, table: Forms, row: Any, name: str, given: Inputs, actor: TokenActor, key: str) -> str:
    """Make a move once; the id of the row. Refuses like the screens do, and tells a stale sender both versions."""
    if name not in table:
        raise NotFound("api.no_such_move", move=name[:40])
    move = flow[name]
    refusal = flow.refusal(move, row, actor)
    if isinstance(refusal, NotAllowed):
        raise refusal

    def act() -> str:
        if given.version is not None and row.version != given.version:
            raise Stale(row, given.version)
        if refusal is not None:
            raise refusal
        form = _form(table[name], row, actor, given)
        flow.actions[name](row.pk, actor=actor, version=given.version, **form.inputs())
        return str(row.pk)

    return once(actor, f"{row._meta.model_name}.{name}:{row.pk}", key, given.model_dump(), act)[0]


def _form(kind: type[MoveForm], row: Any, actor: TokenActor, given: Inputs) -> MoveForm:
    """The form filled with what came; an input that it does not know is refused, not ignored."""
    empty = kind(row=row, actor=actor)
    extra = given.model_extra or {}
    if unknown := sorted(set(extra) - set(_told(empty.fields))):
        raise Invalid({unknown[0][:60]: str(_("不是这一步的内容"))})
    typed = {
        name: _typed(empty.fields[name], name, value) for name, value in extra.items() if value is not None
    }
    form = kind(typed | {"version": given.version}, row=row, actor=actor)
    if not form.is_valid():
        raise Invalid({name: str(faults[0]) for name, faults in form.errors.items()})
    return form


def _told(fields: dict[str, forms.Field]) -> dict[str, forms.Field]:
    """The fields that JSON can fill: a file comes through a door of its own."""
    return {name: field for name, field in fields.items() if not isinstance(field, forms.FileField)}


def _typed(field: forms.Field, name: str, value: Any) -> Any:
    """A JSON value as a browser would have sent it."""
    if isinstance(value, (list, dict, float)):
        raise Invalid({name: str(_("要是文字、整数或真假"))})
    if isinstance(value, bool):
        if isinstance(field, forms.BooleanField):
            return value
        return ("yes" if value else "no") if isinstance(field, forms.ChoiceField) else "?"
    return str(value)


def offered(flow: Flow, table: Forms, row: Any, actor: TokenActor) -> list[MoveOut]:
    """The moves that lead on, with what stands in the way of each."""
    found = (pair for pair in flow.offered(row, actor) if pair[0].name in table)
    return [MoveOut(name=m.name, label=str(m.label), refused=no.code if no else "") for m, no in found]


def described(flow: Flow, table: Forms) -> str:
    """The table of moves as text for the description of the operation."""
    lines = ["| move | inputs | from |", "|---|---|---|"]
    for name, form in table.items():
        inputs = ", ".join(
            f"`{n}`{'' if f.required else '?'}" for n, f in _told(form.base_fields).items() if n != "version"
        )
        lines.append(f"| `{name}` | {inputs} | {', '.join(str(s) for s in flow[name].sources)} |")
    return "\n".join(lines)
