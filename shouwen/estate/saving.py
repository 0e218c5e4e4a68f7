"""Writing rows so that whatever the database refuses is said in the constraint's own sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.apps import AppConfig
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, models

from shouwen.estate.models import Community
from shouwen.kernel.actors import Actor
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Sentence, Stale, refusal_codes

M = TypeVar("M", bound=models.Model)


def constraint_sentences(app: AppConfig) -> dict[str, Sentence]:
    """The sentences of an app's named constraints, ready to be registered as refusals."""
    return {
        constraint.name: constraint.violation_error_message or ""
        for model in app.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }


@contextmanager
def sentences() -> Iterator[None]:
    """Turn a violated constraint into a refusal with its sentence; leave what has none alone."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name in refusal_codes():
            raise Refused(name) from error
        raise


def save(row: M) -> M:
    """Check the row's fields, write it, and answer in sentences."""
    meta = row._meta
    fields = meta.concrete_fields
    left_out = {
        f.name for f in fields if f.is_relation or f.generated or (f.null and getattr(row, f.attname) is None)
    }
    try:
        row.clean_fields(exclude=left_out)
    except ValidationError as error:
        name, why = next(iter(error.message_dict.items()))
        label = name if name == NON_FIELD_ERRORS else str(meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        raise Refused("bad_field", field=label, why=why[0]) from error
    with sentences():
        try:
            row.save()
        except DataError as error:
            raise Refused("bad_field", field="", why=str(error).splitlines()[0]) from error
    return row


def allow(actor: Actor, right: str, community_id: int) -> None:
    """Refuse unless the actor holds the right in that community."""
    if not actor.may(right, community_id):
        raise NotAllowed("right_missing")


def everywhere(actor: Actor, right: str, communities: Iterable[int] | None = None) -> bool:
    """Whether the actor holds the right in every community of the house: for what the whole house shares."""
    if actor.kind == "system":
        return True
    known = Community.objects.values_list("pk", flat=True) if communities is None else communities
    return all(actor.may(right, community) for community in known)


def fetch(rows: Any, key: Any, *, actor: Actor, right: str, version: int | None = None) -> Any:
    """The locked row that the actor sees and may change, at the version that the form showed."""
    row = rows.visible_to(actor).select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    allow(actor, right, row.community_id)
    if version is not None and row.version != version:
        raise Stale(row, version)
    return row


def put(row: models.Model, values: dict[str, Any]) -> str:
    """Set the fields that differ; their names, comma between, empty when nothing does."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return ",".join(changed)
