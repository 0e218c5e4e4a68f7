"""Draws the pages of the staff door with sample contexts into a folder, to look at them without rooms or database.

python tests/front/gallery.py OUT            writes OUT/*.html and OUT/static
python tests/front/gallery.py OUT --serve    and serves them on 127.0.0.1:8765 with the real security policy
"""

import functools
import http.server
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def configure() -> None:
    """Just enough of Django to draw templates."""
    import django
    from django.conf import settings

    settings.configure(
        DEBUG=True,
        SECRET_KEY="gallery only, no session is signed with it",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles"],
        STATIC_URL="/static/",
        LANGUAGE_CODE="zh-hans",
        USE_I18N=True,
        LOCALE_PATHS=[ROOT / "locale"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "shouwen/front/templates"],
                "APP_DIRS": True,
                "OPTIONS": {
                    "libraries": {"look": "shouwen.front.templatetags.look"},
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                    ],
                },
            }
        ],
    )
    django.setup()


def draw(out: Path) -> list[str]:
    """All sample pages as files; their names."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    from tests.front.gallery_pages import pages

    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "static", ignore_errors=True)
    shutil.copytree(ROOT / "static/dist", out / "static")
    drawn = []
    for name, template, context in pages():
        request = RequestFactory().get(f"/{name}.html")
        text = render_to_string(template, context, request)
        (out / f"{name}.html").write_text(text, encoding="utf8")
        drawn.append(name)
    return drawn


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files with the security policy of the house; ``?theme=dark`` answers as if the cookie said so."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def send_head(self) -> Any:
        path, _, query = self.path.partition("?")
        if not query.startswith("theme=") or not path.endswith(".html"):
            return super().send_head()
        theme = query.removeprefix("theme=")
        text = Path(self.translate_path(path)).read_text(encoding="utf8")
        body = text.replace('data-theme="auto"', f'data-theme="{theme}"', 1).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *args: Any) -> None:
        pass


def main() -> None:
    out = Path(sys.argv[1])
    configure()
    print(" ".join(draw(out)))
    if "--serve" in sys.argv:
        handler = functools.partial(Handler, directory=str(out))
        http.server.ThreadingHTTPServer(("127.0.0.1", 8765), handler).serve_forever()


if __name__ == "__main__":
    main()
