"""Rating by a one-use link: who holds it needs no sign-in, and is told no more than which matter it is about."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.decorators.http import require_http_methods

from shouwen.cases import ratings
from shouwen.kernel import clock, limits
from shouwen.kernel.refusals import Refused
from shouwen.portal.acts import satisfied
from shouwen.portal.doors import Answer, address, open_door, page


@require_http_methods(["GET", "POST"])
@open_door
def rate(request: HttpRequest, secret: str) -> Answer:
    """Satisfied or not, and why; nothing is chosen beforehand. Looking uses nothing up."""
    row = ratings.opened(secret, address=address(request))
    if row is None:
        return page(request, "rate.html", {"over": True}, status=410)
    context = {"case": row.case, "done": clock.said_day(clock.local(row.case.done_at or row.made_at).date())}
    if request.method == "GET":
        return page(request, "rate.html", context)
    words = request.POST.get("words", "")[: limits.NOTE]
    try:
        answer = satisfied(request)
        ratings.rate(secret, satisfied=answer, words=words, address=address(request))
    except Refused as refusal:
        return page(request, "rate.html", context | {"refused": str(refusal), "words": words}, status=422)
    return page(request, "rate.html", {"thanks": True, "satisfied": answer})
