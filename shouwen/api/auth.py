"""Who asks: a bearer token, looked up by its digest, and counted."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from shouwen.kernel import limits
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.people.actions import token_digest
from shouwen.people.models import Token
from shouwen.people.rights import RIGHTS
from shouwen.people.viewers import TokenActor

MINUTE = timedelta(minutes=1)
LIMIT = 1200


class NoToken(Refused):
    """No token, an unknown one, or one that was ended."""

    status = 401


class TooOften(Refused):
    """The token has used up its window."""

    status = 429


class Bearer(HttpBearer):
    """One query: the token with its rights, unless it was ended or the staff member answerable for it has left."""

    def authenticate(self, request: HttpRequest, token: str) -> TokenActor | None:
        digest = token_digest(token.encode(errors="replace").decode())
        row = Token.objects.filter(digest=digest, ended_at=None, staff__is_active=True).first()
        if row is None:
            return None
        counted = limits.hit(f"api:{row.pk}", getattr(settings, "API_RATE", LIMIT), MINUTE)
        if not counted:
            raise TooOften("api.too_often", seconds=counted.retry_after)
        return TokenActor.of(row)


def actor(request: HttpRequest, *rights: str) -> TokenActor:
    """The machine that asks, if it holds one of the rights in its community."""
    viewer: TokenActor = request.auth  # type: ignore[attr-defined]
    if rights and not any(viewer.may(right, viewer.community_id) for right in rights):
        raise NotAllowed("api.no_right", right=str(RIGHTS[rights[0]]))
    return viewer
