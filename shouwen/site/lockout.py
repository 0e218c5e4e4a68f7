"""How long a lock-out lasts: it doubles while the same account is tried again and again from the same address."""

from datetime import timedelta

from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from shouwen.kernel import clock
from shouwen.site.middleware import client_address

REMEMBERED = timedelta(days=1)
LONGEST = 60


def cooloff(request: HttpRequest | None) -> timedelta:
    """Return one minute for the first lock-out, doubled for each further five failures of the day, at most an hour."""
    failures = 0 if request is None else _failures(request)
    return timedelta(minutes=min(LONGEST, 2 ** max(0, failures // settings.AXES_FAILURE_LIMIT - 1)))


def _failures(request: HttpRequest) -> int:
    """Count today's failures of (account, address)."""
    field = get_user_model().USERNAME_FIELD
    given = getattr(request, "axes_credentials", None) or {}
    name = given.get("username") or given.get(field) or request.POST.get("username", "")
    since = clock.now() - REMEMBERED
    log = AccessFailureLog.objects.filter(username=name, ip_address=client_address(request), attempt_time__gte=since)
    return int(log.count())
