"""Carriers: what takes a letter out of the house. A notice inside the product needs none, it is read on the page.

A carrier is one small protocol. What is declared but has nobody behind it says so, and nothing is given to it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.notices.gateway import SMS, Sms
from shouwen.notices.models import Mailbox, Quiet
from shouwen.notices.smtp import EMAIL, Email, Message, Post

__all__ = ["CARRIERS", "EMAIL", "SMS", "Carrier", "ready"]


class Carrier(Protocol):
    """``line`` is held while letters are sent one after the other; it connects with the first.

    Sending raises `Bounced` for a letter that will never arrive, `Unreachable` when the line itself is broken, and
    passes the letter's ``key`` to the provider, so that the same letter sent twice is known for the same.
    """

    @property
    def code(self) -> str:
        """The name that letters carry."""

    @property
    def name(self) -> str | Promise:
        """What staff call it."""

    def trouble(self) -> str:
        """Why it carries nothing now, in a sentence; empty when it does."""

    def quiet(self) -> Quiet:
        """The hours in which it takes nothing but what is urgent."""

    def line(self) -> AbstractContextManager[Post]:
        """A connection for a while."""


@dataclass(frozen=True)
class Declared:
    """A carrier that nobody has connected yet."""

    code: str
    name: str | Promise

    def trouble(self) -> str:
        return str(_("还没有接入"))

    def quiet(self) -> Quiet:
        return Mailbox()

    def line(self) -> AbstractContextManager[Post]:
        return nullcontext(_nowhere)


def _nowhere(_message: Message) -> None:
    raise NotImplementedError("nothing is given to a carrier in trouble")


CARRIERS: dict[str, Carrier] = {
    EMAIL: Email(),
    SMS: Sms(),
    "wechat": Declared("wechat", _("微信")),
}


def ready(code: str) -> bool:
    """Whether letters may be given to this carrier."""
    return not CARRIERS[code].trouble()
