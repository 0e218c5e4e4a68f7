"""Presence: who looks at which matter, and who writes. Kept in memory by every process, told by NOTIFY, never stored.

A browser tells again every half minute; what it does not repeat runs out by itself.
"""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from shouwen.plant.bridge import Answer

CHANNEL = "shouwen_here"
LASTS = 75.0
GONE = "gone"
DOINGS = ("look", "write", GONE)
MOST = 512
"""Bytes of what a browser tells."""
_KEY = re.compile(r"[0-9a-zA-Z-]{1,40}")


@dataclass(frozen=True)
class Told:
    """What a browser tells: a tab of its own (``key``) has a matter open, and what is done there."""

    matter: str
    key: str
    doing: str


@dataclass(frozen=True)
class Lease:
    staff: int
    name: str
    doing: str
    told_at: float
    until: float


@dataclass
class Presence:
    """The leases of all processes, by matter and tab."""

    leases: dict[str, dict[str, Lease]] = field(default_factory=dict)

    def hear(self, payload: str) -> str | None:
        """Take up what a process told; the matter if its picture changed."""
        try:
            told = json.loads(payload)
            matter, key, doing = str(told["matter"]), str(told["key"]), str(told["doing"])
            until = time.monotonic() + LASTS
            lease = Lease(int(told["staff"]), str(told["name"]), doing, float(told["at"]), until)
        except (ValueError, TypeError, KeyError):
            return None
        before = self.of(matter)
        here = self.leases.setdefault(matter, {})
        # NOTIFY brings a process its own words once more, later than what the tab has told it since.
        if key not in here or here[key].told_at <= lease.told_at:
            here[key] = lease
        return matter if self.of(matter) != before else None

    def sweep(self) -> list[str]:
        """Let go of what ran out; the matters whose picture changed."""
        now, changed = time.monotonic(), []
        for matter, here in list(self.leases.items()):
            past = [here.pop(key) for key, lease in list(here.items()) if lease.until < now]
            if any(lease.doing != GONE for lease in past):
                changed.append(matter)
            if not here:
                del self.leases[matter]
        return changed

    def of(self, matter: str) -> list[dict[str, Any]]:
        """Everybody at a matter once; who writes in one tab and looks in another writes."""
        found: dict[int, Lease] = {}
        for lease in self._there(matter):
            if lease.staff not in found or lease.doing == "write":
                found[lease.staff] = lease
        return [{"id": n.staff, "name": n.name, "doing": n.doing} for n in found.values()]

    def at(self, matter: str, staff: int) -> bool:
        """Whether this person has the matter open: then Django let them see it."""
        return any(lease.staff == staff for lease in self._there(matter))

    def _there(self, matter: str) -> list[Lease]:
        """Who left is remembered until the lease runs out, so that older words don't bring them back."""
        return [lease for lease in self.leases.get(matter, {}).values() if lease.doing != GONE]

    def picture(self, matter: str) -> str:
        return json.dumps(
            {"matter": matter, "who": self.of(matter)}, ensure_ascii=False, separators=(",", ":")
        )


def read(body: bytes) -> Told | None:
    """What a browser told, or None if it makes no sense."""
    try:
        told = json.loads(body)
        matter, key, doing = told["matter"], told["key"], told["doing"]
    except (ValueError, TypeError, KeyError):
        return None
    if (
        not all(isinstance(word, str) and _KEY.fullmatch(word) for word in (matter, key))
        or doing not in DOINGS
    ):
        return None
    return Told(matter, key, doing)


def payload(told: Told, staff: int, name: str) -> str:
    """The same for every process."""
    # A tab's own key is not enough: nobody may end the lease of somebody else.
    said = {
        "matter": told.matter,
        "key": f"{staff}:{told.key}",
        "staff": staff,
        "name": name[:40],
        "doing": told.doing,
        "at": time.time(),
    }
    return json.dumps(said, ensure_ascii=False)


def answer(status: int, picture: str = "") -> Answer:
    kind = (b"content-type", b"application/json; charset=utf-8")
    return Answer(status, [kind, (b"cache-control", b"no-store")], picture.encode())
