"""``search``: Chinese words in 300,000 cases; persons by initials and telephone in 100,000.

Eight clients at once, four at each of two processes with as many threads as the product's web processes have.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from multiprocessing import get_context

import django
from django.conf import settings
from django.db import connection

from shouwen.cases.models import Case
from shouwen.cases.search import told
from shouwen.estate.search import search as estate_search
from shouwen.kernel.lists import keyset
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


PROCESSES, CLIENTS, SHOWN = 2, 8, 20


def cases(rows: int = 300_000, rounds: int = 60) -> Figure:
    """p95 milliseconds of the twenty newest cases that say a word, eight clients at once, warm."""
    place = settle(1)[0]
    fill_cases([place], rows)
    for word in WORDS:
        _same_as_like(word, place.community)
    seconds = _together(partial(_ask_cases, place.community), rounds)
    return _figure("search", seconds, CASES_MS, rows)


def persons(rows: int = 100_000, rounds: int = 60) -> Figure:
    """p95 milliseconds of the search box over persons, eight clients at once, warm."""
    place = settle(1)[0]
    fill_persons(place.community, rows)
    seconds = _together(partial(_ask_persons, place.community), rounds)
    return _figure("search-persons", seconds, PERSONS_MS, rows)


def _ask_cases(community: int, turn: int) -> None:
    me = _actor(community)
    rows = Case.objects.visible_to(me).filter(community_id=community)
    keyset(rows, ("-opened_at", "-id"), size=SHOWN, told=told(WORDS[turn % len(WORDS)], community, me))


def _ask_persons(community: int, turn: int) -> None:
    estate_search(_actor(community), TYPED[turn % len(TYPED)], 8, community_id=community)


def _figure(name: str, seconds: list[float], bar: float, rows: int) -> Figure:
    p95 = 1000 * percentile(seconds, 0.95)
    return Figure(name, p95, "ms p95", None, None, bar, p95 <= bar, rows, len(seconds))


@cache
def _actor(community: int) -> TokenActor:
    return TokenActor.of(Token.objects.get(community_id=community))


def _same_as_like(word: str, community: int) -> None:
    """Both ways must find what LIKE finds, whole and in its newest rows; RuntimeError otherwise."""
    text = r"title || E'\n' || words like %s"
    newest = f"select id from cases_case where {text} order by opened_at desc, id desc limit {SHOWN}"
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from cases_case where {text}", [f"%{word}%"])
        like = cursor.fetchone()[0]
        cursor.execute(newest, [f"%{word}%"])
        first = [key for (key,) in cursor.fetchall()]
    found = Case.objects.saying(word).count()
    rows = Case.objects.filter(community_id=community)
    shown = keyset(
        rows, ("-opened_at", "-id"), size=SHOWN, told=told(word, community, _actor(community))
    ).rows
    if found != like or [c.pk for c in shown] != first:
        raise RuntimeError(f"{word}: the search finds {found}, LIKE finds {like}")


def _together(ask: Callable[[int], None], rounds: int) -> list[float]:
    """Seconds of every answer: the first tenth of each client's turns only warms."""
    connection.close()
    with get_context("spawn").Pool(PROCESSES, django.setup) as pool:  # a Mac's libraries outlive no fork
        shares = pool.map(partial(_clients, ask, rounds), range(PROCESSES), chunksize=1)
    return [seconds for share in shares for seconds in share]


def _clients(ask: Callable[[int], None], rounds: int, process: int) -> list[float]:
    def client(number: int) -> list[float]:
        mine = []
        for turn in range(rounds):
            begun = time.perf_counter()
            web.submit(ask, number + turn).result()
            mine.append(time.perf_counter() - begun)
        return mine[rounds // 10 :]

    numbers = range(process, CLIENTS, PROCESSES)
    with ThreadPoolExecutor(settings.THREADS) as web, ThreadPoolExecutor(len(numbers)) as people:
        return [seconds for share in people.map(client, numbers) for seconds in share]
