"""Django as a WSGI application, called by the gate."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.site.settings")
application = get_wsgi_application()
