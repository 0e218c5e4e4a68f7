"""Sample contexts of the gallery: an ordinary morning at the desk, all names invented."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.front.gallery_boards import board_pages
from tests.front.gallery_desk import CASE, FRAME, HOUSEHOLD, bulk, groups, list_actions
from tests.front.gallery_lists import list_pages

Page = tuple[str, str, dict[str, Any]]


def desk_pages() -> Iterator[Page]:
    desk = {
        "frame": FRAME,
        "list_title": "今日应办",
        "list_count": "12",
        "groups": groups(),
        "list_actions": list_actions(),
        "case": CASE,
        "household": HOUSEHOLD,
    }
    yield "desk", "front/desk.html", desk
    yield "case", "front/case.html", {"frame": FRAME, "case": replace(CASE, back_url="/desk.html")}
    yield "desk_list", "front/desk.html", {**desk, "case": None, "household": None}
    yield (
        "desk_empty",
        "front/desk.html",
        {**desk, "case": None, "household": None, "groups": (), "list_count": "0"},
    )
    yield "desk_many", "front/desk.html", {**desk, "groups": bulk(), "list_count": "200"}


def pages() -> Iterator[Page]:
    yield from desk_pages()
    yield from list_pages()
    yield from board_pages()
