"""Django as a WSGI application, called by the gate."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.site.settings")
application = get_wsgi_application()

from shouwen.cases.hearing.model import model  # noqa: E402 - needs the apps
from shouwen.duties.clauses import book  # noqa: E402 - needs the apps

book()  # A fault in a clause is met here, not at the first fact.

Thread(target=model, daemon=True).start()  # it reads for a second: not while the first caller waits
