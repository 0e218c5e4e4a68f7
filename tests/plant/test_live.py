"""Live under granian: who hears of what, who is seen at a matter, and what becomes of a right that is withdrawn."""

import http.client
import json
import os
import socket
import time
from pathlib import Path

import psycopg
import pytest

from shouwen.plant.presence import LASTS, Presence, payload, read
from tests.plant.test_gate import ask, gate

__all__ = ["gate"]
JSON = "application/json"


def notify(**event):
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("select pg_notify('shouwen', %s)", [json.dumps(event)])


def change(community, key):
    notify(community=community, kind="case", id=key, version=1)


class Stream:
    """A browser's stream; ``grant`` as in ``gate_app``, ``home=5`` for a household's."""

    def __init__(self, port, grant, query=""):
        home = grant.startswith("home=")
        path, cookie = ("/my/events", grant) if home else ("/events", f"grant={grant}")
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.line.request("GET", f"{path}{query}", headers={"Cookie": cookie})
        self.answer = self.line.getresponse()
        assert self.answer.status == 200

    def next(self, name):
        """The data of the next event of this name; None when the stream ends or is silent for two seconds."""
        self.line.sock.settimeout(2)
        found = ""
        try:
            while text := self.answer.fp.readline().decode():
                if text.startswith("event: "):
                    found = text[7:].strip()
                elif text.startswith("data: ") and found == name:
                    return json.loads(text[6:])
        except TimeoutError:
            return None
        return None


def opened(port, grant):
    stream = Stream(port, grant)
    for turn in range(20):  # until the process listens
        change(7_000 + turn, "warm")
        time.sleep(0.1)
    return stream


def tell(port, grant, matter="m-1", doing="look", key="tab", kind=JSON):
    body = json.dumps({"matter": matter, "key": key, "doing": doing}).encode()
    answer, text = ask(port, "/events/here", "POST", body, cookie=f"grant={grant}", content_type=kind)
    return answer.status, json.loads(text) if text else None


def names(picture):
    return {(one["name"], one["doing"]) for one in picture["who"]}


def test_what_changed_since_a_page_was_drawn_is_told_when_its_stream_opens(gate):
    first = opened(gate, "31:[47]")
    drawn = int(time.time())
    change(47, "just-now")
    change(48, "of-others")
    assert first.next("change")["id"] == "just-now"
    late = Stream(gate, "32:[47]", f"?since={drawn}")
    assert late.next("change")["id"] == "just-now"
    assert late.next("change") is None, "nothing of another community, nothing twice"
    for query in ("", f"?since={drawn + 60}", "?since=x", "?since=-1"):
        assert Stream(gate, "33:[47]", query).next("change") is None, query


def test_who_looks_is_seen_by_who_looks_too_until_they_go(gate):
    chen, bob = opened(gate, "11:[1]"), Stream(gate, "12:[1]")
    assert names(tell(gate, "11:[1]", "m-2")[1]) == {("员工11", "look")}
    assert names(tell(gate, "12:[1]", "m-2", "write")[1]) == {("员工11", "look"), ("员工12", "write")}
    assert names(chen.next("here")) == {("员工11", "look")}
    assert names(chen.next("here")) == {("员工11", "look"), ("员工12", "write")}
    tell(gate, "12:[1]", "m-2", "gone")
    assert names(chen.next("here")) == {("员工11", "look")}
    assert names(bob.next("here")) == {("员工11", "look"), ("员工12", "write")}
    assert bob.next("here") is None, "who left hears no more"


def test_nobody_is_seen_or_sees_at_a_matter_that_is_none_of_theirs(gate):
    assert tell(gate, "13:[1]", "hidden") == (403, None)
    assert ask(gate, "/events/here", "POST", b"{}", content_type=JSON)[0].status == 422
    stranger = opened(gate, "14:[1, 2]")
    tell(gate, "15:[1]", "m-3")
    assert stranger.next("here") is None, "the same community, but not at the matter"


def test_nobody_ends_the_presence_of_somebody_else(gate):
    tell(gate, "16:[1]", "m-4", key="same")
    assert names(tell(gate, "17:[1]", "m-4", "gone", key="same")[1]) == {("员工16", "look")}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"matter": 1, "key": "a", "doing": "look"}', b'{"matter": "a\\n", "key": "a", "doing": "look"}',
             b'{"matter": "a", "key": "a", "doing": "dance"}', b"x" * 2000, b"\xff"],
)  # fmt: skip
def test_nonsense_about_presence_is_refused(gate, body):
    answer, _text = ask(gate, "/events/here", "POST", body, cookie="grant=1:[1]", content_type=JSON)
    assert answer.status == 422


def test_a_form_of_another_site_tells_nothing(gate):
    assert tell(gate, "18:[1]", kind="text/plain")[0] == 422


def test_a_right_that_is_withdrawn_ends_what_is_told_at_once(gate):
    """Django is asked anew before anything more is told to the colleague whose grants changed."""
    stream, other = opened(gate, "19:[1]"), Stream(gate, "22:[1]")
    change(1, "before")
    assert stream.next("change")["id"] == "before"
    (Path(os.environ["GATE_DIR"]) / "withdrawn-19").touch()
    notify(community=0, kind="staff", id="19")
    change(1, "after")
    assert stream.next("change") is None, "the stream ends"
    assert [other.next("change")["id"] for _ in range(2)] == ["before", "after"]
    assert tell(gate, "19:[1]", "m-5")[0] == 403


# --- at home ------------------------------------------------------------------------------------------------------------


def household(key, unit, *matters):
    told = {"viewer": key, "name": "", "units": [unit], "matters": matters}
    (Path(os.environ["GATE_DIR"]) / f"home-{key}.json").write_text(json.dumps(told))
    return f"home={key}"


def moved(matter, unit, kind="case", **more):
    notify(
        community=41, kind=kind, id=f"{kind}-{matter}", matter=matter, version=2, fact="f", unit=unit, **more
    )


def test_a_household_hears_of_its_own_matters_alone_and_not_what_they_are(gate):
    staff = opened(gate, "23:[41]")
    mine, upstairs = Stream(gate, household(5, 70, "m-1")), Stream(gate, household(6, 71, "m-9"))
    moved("m-9", 71)
    moved("m-8", None)
    moved("m-1", 70, apart=True)
    moved("m-5", 70)  # a complaint of somebody who lives there too
    moved("m-1", 70, kind="order")
    household(5, 70, "m-2", "m-1")
    moved("m-2", 70)
    assert [mine.next("change") for _ in range(2)] == [{"matter": "m-1"}, {"matter": "m-2"}]
    assert upstairs.next("change") == {"matter": "m-9"}
    heard = [staff.next("change") for _ in range(6)]
    assert [one["matter"] for one in heard] == ["m-9", "m-8", "m-1", "m-5", "m-1", "m-2"]
    assert not [one for one in heard if {"unit", "apart"} & set(one)], "the unit is for the gate alone"


def test_a_household_that_signed_out_or_moved_out_hears_nothing_more(gate):
    opened(gate, "24:[41]")
    left, ended = Stream(gate, household(7, 72, "m-3")), Stream(gate, household(8, 73, "m-4"))
    tell(gate, "8:[41]", "m-4")
    for key in (7, 8):
        (Path(os.environ["GATE_DIR"]) / f"home-{key}.json").unlink()
    notify(community=41, kind="occupancy", id="1", matter="", unit=72)
    notify(community=41, kind="homesignin", id="8", matter="", unit=None)
    moved("m-3", 72)
    moved("m-4", 73)
    for stream in (left, ended):
        assert "event:" not in stream.answer.read().decode(), "it ends, and no colleague was seen there"


# --- the memory of it ---------------------------------------------------------------------------------------------------


def told(presence, staff, doing="look", key="a", matter="m"):
    said = read(json.dumps({"matter": matter, "key": key, "doing": doing}).encode())
    return presence.hear(payload(said, staff, f"员工{staff}"))


def test_a_lease_runs_out_by_itself(monkeypatch):
    presence, now = Presence(), time.monotonic()
    assert told(presence, 1) == "m"
    assert told(presence, 1) is None, "told again: nothing to draw"
    assert told(presence, 1, key="b") is None, "another tab of the same person"
    assert told(presence, 1, "write", key="b") == "m"
    monkeypatch.setattr(time, "monotonic", lambda: now + LASTS + 1)
    assert presence.sweep() == ["m"]
    assert presence.leases == {}
    assert presence.hear("rubbish") is None


def test_words_that_come_late_bring_nobody_back(monkeypatch):
    presence, now = Presence(), time.monotonic()
    write, gone = (
        payload(read(json.dumps({"matter": "m", "key": "a", "doing": doing}).encode()), 1, "员工1")
        for doing in ("write", "gone")
    )
    assert (presence.hear(write), presence.hear(gone)) == ("m", "m")
    assert (presence.hear(write), presence.hear(gone)) == (None, None), "the echo of both"
    assert presence.of("m") == []
    assert not presence.at("m", 1)
    monkeypatch.setattr(time, "monotonic", lambda: now + LASTS + 1)
    assert presence.sweep() == [], "nothing to draw"
    assert presence.leases == {}


def test_a_browser_that_reads_nothing_does_not_hold_up_the_others(gate):
    deaf = socket.create_connection(("127.0.0.1", gate))
    deaf.sendall(b"GET /events HTTP/1.1\r\nHost: x\r\nCookie: grant=20:[1]\r\n\r\n")
    good = opened(gate, "21:[1]")
    change(1, "still here")
    assert good.next("change")["id"] == "still here"
    deaf.close()
