"""What somebody wrote into a form that was not taken: it stands on the page that says so."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

from shouwen.kernel import limits

log = logging.getLogger(__name__)
WORDS = ("text", "words", "place_words")
CARRIED = ("kind", "category", "kept", "key", "place", "when", "phone", "satisfied")
"""What goes along when a form is sent again: its words, and its choices."""


@dataclass(frozen=True)
class Typed:
    """What somebody wrote into a form that was not taken."""

    url: str
    field: str
    words: str
    others: tuple[tuple[str, str], ...]
    photos: bool

    @property
    def takes_photos(self) -> bool:
        return self.field == "text" or self.url.endswith("/say/")


def typed(request: HttpRequest) -> Typed | None:
    """The words of a form of this door; None where there were none, or another site sent them."""
    if request.method != "POST" or not _ours(request):
        return None
    try:
        given, photos = request.POST, bool(request.FILES)
    except Exception:  # a body that cannot be read has no words
        log.info("a form could not be read again", exc_info=True)
        return None
    field = next((name for name in WORDS if given.get(name, "").strip()), "")
    if not field:
        return None
    return Typed(request.path, field, given[field][: limits.NOTE], tuple(_others(given, field)), photos)


def _others(given: QueryDict, field: str) -> Iterable[tuple[str, str]]:
    for name in {*WORDS, *CARRIED} - {field}:
        yield from ((name, value[: limits.NOTE]) for value in given.getlist(name)[: limits.FILES_AT_ONCE])


def _ours(request: HttpRequest) -> bool:
    """Words that another site let this browser send are not offered to be sent in its name."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
