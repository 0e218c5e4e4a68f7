"""What granian runs: the gate in front of Django."""

from django.conf import settings

from shouwen.plant.gate import Gate
from shouwen.plant.live import Live
from shouwen.plant.up import leave_with_parent
from shouwen.site.wsgi import application as django

application = Gate(
    django,
    live=Live(settings.DATABASE_URL),
    limits=settings.BODY_LIMITS,
    default=settings.BODY_LIMIT,
    threads=settings.THREADS,
)
leave_with_parent()
