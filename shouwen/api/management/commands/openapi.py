"""Write the description of the API to docs/openapi.json, where a change shows in review."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from shouwen.api import urls

FILE: Path = settings.BASE_DIR / "docs" / "openapi.json"


def snapshot() -> str:
    """The description as it stands in the file."""
    schema = urls.api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=2, default=str) + "\n"


class Command(BaseCommand):
    help = "OpenAPI 说明 / rewrite docs/openapi.json"

    def handle(self, *_args: Any, **_options: Any) -> None:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(snapshot(), encoding="utf-8")
        self.stdout.write(str(FILE))
