"""``offline``: ten telephones come out of the cellar at once, with 200 actions and 50 photos; a fifth of the answers is lost.

Each sends as its script does: in order, one after the other, every action under a key of its own until it was acknowledged.
"""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.urls import reverse
from PIL import Image

from shouwen.cases.models import Photo
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people.models import Staff
from shouwen.site.bench import Figure
from shouwen.site.bench.crowd import TOKEN
from shouwen.site.bench.ground import send_out, settle
from shouwen.site.bench.server import cookie, serving
from shouwen.works.models import Order

PHONES, ORDERS = 10, 5
MOVES: tuple[tuple[str, dict[str, str]], ...] = (
    ("arrive", {}),
    ("material", {"materials": "角阀 1 个"}),
    ("pause", {"reason": "parts"}),
    ("resume", {}),
)
VERBS = ["order:arrived", "order:materials", "order:paused", "order:resumed"]
LOST = 5
BAR_SECONDS = 60.0
HOUR = 3_600_000


@dataclass
class Act:
    """One action in a pocket."""

    order: UUID
    name: str
    typed: dict[str, str]
    photo: bytes = b""


def measure() -> list[Figure]:
    """What was lost or done twice, which must be nothing, and the seconds until every pocket was empty."""
    home = settle(1)[0]
    pockets = {one: _pocket(orders) for one, orders in send_out(home, PHONES, ORDERS).items()}
    faults: list[Exception] = []
    with serving() as port:
        begun = time.perf_counter()
        threads = [threading.Thread(target=_empty, args=(port, *pair, faults)) for pair in pockets.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
    if faults:
        raise faults[0]
    wrong = _wrong([act.order for acts in pockets.values() for act in acts if act.photo])
    acts = sum(map(len, pockets.values()))
    return [
        Figure("offline", wrong, "lost, doubled or out of order", None, None, 0, wrong == 0, acts, 1),
        Figure("offline-time", took, "s", None, None, BAR_SECONDS, took <= BAR_SECONDS, acts, 1),
    ]


def _pocket(orders: list[Order]) -> list[Act]:
    """Of each order four moves and one photo, as they were pressed."""
    acts = []
    for order in orders:
        acts += [Act(order.pk, name, typed) for name, typed in MOVES]
        acts.insert(-2, Act(order.pk, "photo", {"stage": "before"}, _photo(len(acts))))
    return acts


def _photo(turn: int) -> bytes:
    """A photo as a telephone sends it: 2048 pixels wide."""
    out = io.BytesIO()
    Image.effect_noise((2048, 1536), 20 + turn).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def _empty(port: int, staff: Staff, acts: list[Act], faults: list[Exception]) -> None:
    """Send one pocket; every fifth answer is lost on the way."""
    headers = {
        "Cookie": f"{cookie(staff)}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "X-Pocket": str(staff.pk),
    }
    versions: dict[UUID, int] = {}
    made = int(clock.now().timestamp() * 1000) - HOUR
    try:
        for turn, act in enumerate(acts):
            said = {
                "once": uuid4().hex,
                "made": str(made + turn * 1000),
                "version": str(versions.get(act.order, "")),
            }
            if turn % LOST == 0:
                _send(port, act, said, headers, deaf=True)
            while (told := _send(port, act, said, headers)) is None:
                time.sleep(0.2)
            versions[act.order] = told["version"] or versions.get(act.order, 0)
    except Exception as error:  # noqa: BLE001 - reported by the thread that waits
        faults.append(error)


def _send(
    port: int, act: Act, said: dict[str, str], headers: dict[str, str], *, deaf: bool = False
) -> dict[str, int] | None:
    """One try; None where it has to be tried again. ``deaf``: the line is cut before the answer comes."""
    given = act.typed | said | {"sent": str(int(clock.now().timestamp() * 1000))}
    body, kind = _form(given, act.photo)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(
            "POST", reverse("pocket", args=[act.order, act.name]), body, headers | {"Content-Type": kind}
        )
        if deaf:
            return None
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if (answer.status == 409 and b"in_flight" in text) or answer.status >= 500:
        return None
    if answer.status != 200:
        raise RuntimeError(f"{act.name}: {answer.status} {text[:300]!r}")
    told: dict[str, int] = json.loads(text)
    return told


def _form(fields: dict[str, str], photo: bytes) -> tuple[bytes, str]:
    edge = uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
        for n, v in fields.items()
        if v
    ]
    if photo:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts += [head.encode(), photo, b"\r\n"]
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def _wrong(orders: list[UUID]) -> int:
    """How many actions are missing, twice or out of order, and photos missing or twice."""
    wrong = 0
    for key in orders:
        facts = Entry.objects.filter(subject_kind="order", subject_id=str(key), verb__in=VERBS).order_by("id")
        told = [fact.verb for fact in facts]
        wrong += sum(abs(told.count(verb) - 1) for verb in VERBS) + (
            sorted(told) == sorted(VERBS) and told != VERBS
        )
        wrong += abs(Photo.objects.filter(case__orders=key).count() - 1)
    return wrong
