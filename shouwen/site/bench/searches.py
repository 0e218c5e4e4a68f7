"""``search``: Chinese words in 300,000 cases; persons by initials and telephone in 100,000."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import connection

from shouwen.cases.models import Case
from shouwen.estate.search import search as estate_search
from shouwen.people.models import Token
from shouwen.people.viewers import TokenActor
from shouwen.site.bench import Figure, percentile
from shouwen.site.bench.ground import fill_cases, fill_persons, settle

WORDS = (
    "漏水",
    "消防栓",
    "厨房水管",
    "电梯厅",
    "半夜",
    "噪音扰民",
    "监控黑屏",
    "请先打电话",
    "地下车库灯不亮",
    "家里有老人",
)
TYPED = ("cjx", "lw", "wsy", "zmh", "13800012345", "00012345", "2345", "sxf")
CASES_MS, PERSONS_MS = 60.0, 40.0


def cases(rows: int = 300_000, clients: int = 8, rounds: int = 30) -> Figure:
    """p95 milliseconds of the twenty newest cases that say a word, ``clients`` at once, warm."""
    place = settle(1)[0]
    fill_cases([place], rows)
    actor = _actor(place.community)

    def ask(turn: int) -> None:
        said = Case.objects.saying(WORDS[turn % len(WORDS)]).values("pk")
        found = Case.objects.visible_to(actor).filter(community_id=place.community, pk__in=said)
        list(found.order_by("-opened_at")[:20])

    for word in WORDS:
        _same_as_like(word)
    seconds = _together(ask, clients, rounds)
    p95 = 1000 * percentile(seconds, 0.95)
    return Figure("search", p95, "ms p95", None, None, CASES_MS, p95 <= CASES_MS, rows, len(seconds))


def persons(rows: int = 100_000, clients: int = 8, rounds: int = 30) -> Figure:
    """p95 milliseconds of the search box over persons, ``clients`` at once, warm."""
    place = settle(1)[0]
    fill_persons(place.community, rows)
    actor = _actor(place.community)

    def ask(turn: int) -> None:
        estate_search(actor, TYPED[turn % len(TYPED)], 8, community_id=place.community)

    for turn in range(len(TYPED)):
        ask(turn)
    seconds = _together(ask, clients, rounds)
    p95 = 1000 * percentile(seconds, 0.95)
    return Figure(
        "search-persons", p95, "ms p95", None, None, PERSONS_MS, p95 <= PERSONS_MS, rows, len(seconds)
    )


def _actor(community: int) -> TokenActor:
    return TokenActor.of(Token.objects.get(community_id=community))


def _same_as_like(word: str) -> None:
    """The index must find what LIKE finds; RuntimeError otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"select count(*) from cases_case where title || E'\n' || words like %s", [f"%{word}%"]
        )
        like = cursor.fetchone()[0]
    found = Case.objects.saying(word).count()
    if found != like:
        raise RuntimeError(f"{word}: the index finds {found}, LIKE finds {like}")


def _together(ask: Callable[[int], None], clients: int, rounds: int) -> list[float]:
    seconds: list[float] = []
    lock = threading.Lock()

    def client(number: int) -> None:
        mine = []
        for turn in range(rounds):
            begun = time.perf_counter()
            ask(number + turn)
            mine.append(time.perf_counter() - begun)
        connection.close()
        with lock:
            seconds.extend(mine)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds
