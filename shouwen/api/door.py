"""The machine door: one API object, and one shape for everything that it refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from shouwen.api.auth import Bearer, NoToken, TooOften
from shouwen.api.schemas import shown
from shouwen.api.words import HINTS, fault_words
from shouwen.kernel import faults
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import Busy, Refused, Stale


class Problem(Schema):
    """What went wrong: a code for machines, a sentence for people, the facts behind it."""

    code: str
    sentence: str
    facts: dict[str, Any] = {}


class TooBig(Refused):
    status = 413


REFUSED = frozenset({401, 403, 404, 413, 422, 429})
"""What any operation may answer instead."""

_NAMES = {413: "Content Too Large", 422: "Unprocessable Content"}


class Door(NinjaAPI):
    """Described alike under every Python: the names of two answers are those of RFC 9110, which 3.13 took up."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**given)
        for operation in (o for path in schema["paths"].values() for o in path.values()):
            for status, answer in operation["responses"].items():
                answer["description"] = _NAMES.get(status, answer["description"])
        return schema


api = Door(
    title="首问 Shouwen",
    version="1",
    description="登记、查询、办理事项。令牌只在一个项目内有效。/ Cases and orders for machines; a token acts in one community.",
    auth=Bearer(),
    docs_url=None,
    urls_namespace="api",
)


def answers(ok: Any, *more: int) -> dict[Any, Any]:
    """The declared answers of an operation: ``ok`` (a schema or a table of schemas) and every refusal."""
    return {**(ok if isinstance(ok, dict) else {200: ok}), frozenset({*REFUSED, *more}): Problem}


def problem(request: HttpRequest, refusal: Refused, **facts: Any) -> HttpResponse:
    known = {name: value for name, value in refusal.facts.items() if isinstance(value, (str, int, bool))}
    told = {**known, **facts}
    hint = str(HINTS.get(refusal.code, "")).format(**told)
    body = {"code": refusal.code, "sentence": " ".join(filter(None, (str(refusal), hint))), "facts": told}
    return api.create_response(request, body, status=refusal.status)


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    response = problem(request, refusal)
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.facts["seconds"])
    if isinstance(refusal, Busy):
        response["Retry-After"] = "2"
    if isinstance(refusal, NoToken):
        response["WWW-Authenticate"] = "Bearer"
    return response


def _stale(request: HttpRequest, stale: Stale) -> HttpResponse:
    """Both versions: the one that the sender knew, and the row as it stands now."""
    return problem(request, stale, yours=stale.version, theirs=stale.row.version, current=shown(stale.row))


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Every field with its fault; what was sent is not repeated."""
    faults = {_field(fault["loc"]): fault_words(fault) for fault in error.errors}
    field, why = next(iter(faults.items()))
    return problem(request, Refused("api.invalid", field=field, why=why), fields=faults)


def _field(place: Any) -> str:
    """``body.payload.title`` is the sender's ``title``. A name that the sender made up may hold anything."""
    names = [str(part) for part in place[1:] if part != "payload"]
    return ".".join(names)[:100].encode("utf-8", "replace").decode() or str(place[0])


class LineCut(Refused):
    """Nobody knows whether it was done; with the same Idempotency-Key it is done once."""

    status = 503


def _cut(request: HttpRequest, error: Exception) -> HttpResponse:
    if not faults.line_cut(error):
        raise error
    return problem(request, LineCut("api.line_cut"))


class NoAddress(Refused):
    status = 404


def no_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address below /api/ that does not exist."""
    return problem(request, NoAddress("api.no_address"))


class NoMethod(Refused):
    status = 405


def in_shape(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The library answers a method that an address does not have in plain words; we in the shape of all refusals."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        answer = view(request, *args, **named)
        if answer.status_code != 405:
            return answer
        refused = problem(request, NoMethod("api.no_method", allowed=answer["Allow"]))
        refused["Allow"] = answer["Allow"]
        return refused

    return answered


def _bad_file(request: HttpRequest, fault: BadFile) -> HttpResponse:
    """A picture that is not accepted, in the sentence of the screens."""
    body = {"code": f"file.{fault.code}", "sentence": str(fault), "facts": {}}
    return api.create_response(request, body, status=422)


def _unreadable(request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(request, Refused("api.unreadable"))


_HANDLERS: dict[type[Exception], Any] = {
    Refused: _refused,
    Stale: _stale,
    ValidationError: _invalid,
    BadFile: _bad_file,
    HttpError: _unreadable,
    MultiPartParserError: _unreadable,
    SuspiciousOperation: _unreadable,  # more fields or files than any form of ours has
    OperationalError: _cut,
    InterfaceError: _cut,
    AuthenticationError: lambda request, _error: _refused(request, NoToken("api.no_token")),
    RequestDataTooBig: lambda request, _error: problem(request, TooBig("api.too_big")),
    Http404: lambda request, _error: no_address(request),
}
for _kind, _handler in _HANDLERS.items():
    api.add_exception_handler(_kind, _handler)
