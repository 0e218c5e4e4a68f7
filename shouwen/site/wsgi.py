"""Django as a WSGI application, called by the gate."""

import gc
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.site.settings")
application = get_wsgi_application()

from django.template.loader import get_template  # noqa: E402 - needs the apps
from django.urls import reverse  # noqa: E402 - needs the apps

from shouwen.cases.hearing.model import model  # noqa: E402 - needs the apps
from shouwen.duties.clauses import book  # noqa: E402 - needs the apps

book()  # A fault in a clause is met here, not at the first fact.


def warm() -> None:
    """Read what every page needs, more than a second of it: not while the first callers wait and others behind them."""
    reverse("home")
    for name in ("front/desk.html", "front/list.html", "portal/home.html"):
        get_template(name)
    model()
    gc.collect()
    gc.freeze()  # all that stays for good: looking it through again would halt the callers for a third of a second


Thread(target=warm, daemon=True).start()
