"""A press of a form, made once: also when the answer to the first try never came, or two came at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from shouwen.front.doors import back, done, viewer
from shouwen.kernel.flow import Flow
from shouwen.kernel.once import known, once, pressed

_NO_MEANING = frozenset({"csrfmiddlewaretoken", "next", "key", "version"})


class Press:
    """One press of the move ``name`` on the row ``key``: by whom, on which version, saying what.

    A row leaves a version once. So the same move by the same person on the same version with the same words is the
    same press. A form that overwrites nothing names the version it was drawn on as its ``key``. With neither, every
    press is a new one.
    """

    def __init__(self, request: HttpRequest, flow: Flow, key: Any, name: str) -> None:
        self.request, self.move = request, flow[name]
        self.operation = f"press.{flow.model._meta.model_name}.{name}:{key}"
        typed = dict(request.GET.lists()) | dict(request.POST.lists())
        sizes = [one.size for _name, some in request.FILES.lists() for one in some]
        self.body = {k: v for k, v in typed.items() if k not in _NO_MEANING} | {"": sizes}
        self.mark = pressed((typed.get("key") or typed.get("version") or [""])[-1], self.body)

    def made_before(self, home: str) -> HttpResponse | None:
        """The answer to a press that was made already. Asked before the row is: it may be out of sight by now."""
        if not self.mark or known(viewer(self.request), self.operation, self.mark, self.body) is None:
            return None
        return self.again(home)

    def make(self, act: Callable[[], Any]) -> bool:
        """Make it; whether somebody's first try made it meanwhile. The key is written with the move, or not at all."""
        return once(viewer(self.request), self.operation, self.mark, self.body, lambda: str(act().pk))[1]

    def again(self, home: str) -> HttpResponse:
        sentence = _("%(move)s：上一次提交已经办成了，没有再办一遍。") % {"move": self.move.label}
        return done(self.request, back(self.request, home), sentence)
