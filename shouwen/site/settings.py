"""All settings, typed and from the environment. Nothing else in the house reads the environment of the web."""

import base64
import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext

from shouwen.plant import keys, postgres
from shouwen.plant.trouble import Trouble
from shouwen.site.logs import logging_config

# Lets fields, managers and forms be written with their types (`models.Field[str, str]`) at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR: Path = keys.data_dir()
TESTING: bool = os.environ.get("SHOUWEN_TESTING") == "1"
DEBUG = False
# Only in processes that `shouwen bench` starts: the view that intake is measured against, and no rate limit.
BENCH: bool = os.environ.get("SHOUWEN_BENCH") == "1"

SITE_URL: str = os.environ.get("SITE_URL", "").rstrip("/")
_site = urlsplit(SITE_URL)
SECURE: bool = _site.scheme == "https"


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, apart by commas or spaces; Trouble names the one that is none."""
    try:
        return [ip_network(word, strict=False) for word in text.replace(",", " ").split()]
    except ValueError as error:
        raise Trouble(
            f"TRUSTED_PROXIES 里有不是网络地址的内容（{error}）：请写成 10.0.0.0/8 这样，用逗号隔开。",
            f"TRUSTED_PROXIES holds what is no network ({error}): write 10.0.0.0/8, with commas between.",
        ) from error


TRUSTED_PROXIES: list[IPv4Network | IPv6Network] = networks(os.environ.get("TRUSTED_PROXIES", ""))

# Without SITE_URL any host name is accepted: a first start has only an address and a port.
ALLOWED_HOSTS: list[str] = [_site.hostname, "127.0.0.1", "localhost", "[::1]"] if _site.hostname else ["*"]
CSRF_TRUSTED_ORIGINS: list[str] = [SITE_URL] if SITE_URL else []


def _secret(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


# A command may look at a house whose key is lost (`doctor`, `restore`): nothing is signed or sealed there.
_secrets = [_secret(key) for key in keys.derive_all("django")] if keys.is_given() else [""]
SECRET_KEY: str = _secrets[0]
SECRET_KEY_FALLBACKS: list[str] = _secrets[1:]
# What seals personal data: the first seals, all open (kernel.vault).
SHOUWEN_KEYS: Sequence[bytes] = keys.Ring()

# Rooms from the ground up.
ROOMS: list[str] = [
    f"shouwen.{room}"
    for room in (
        "kernel",
        "estate",
        "people",
        "notices",
        "duties",
        "billing",
        "cases",
        "works",
        "reports",
        "front",
        "api",
        "portal",
        "site",
    )
]

INSTALLED_APPS: list[str] = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "django_htmx",
    *ROOMS,
]

MIDDLEWARE: list[str] = [
    "shouwen.site.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "csp.middleware.CSPMiddleware",
    "shouwen.front.doors.Refusals",
]

ROOT_URLCONF = "shouwen.site.urls"
CSRF_FAILURE_VIEW = "shouwen.site.errors.stale_form"
WSGI_APPLICATION = "shouwen.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"


def database(url: str) -> dict[str, Any]:
    """Turn `postgresql://user:password@host:port/name?option=value` into Django's dictionary."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(
        pair.split("=", 1) for pair in unquote(parts.query).split("&") if "=" in pair
    )
    host = options.pop("host", None) or parts.hostname or ""
    # Web processes keep a pool, one connection a thread; a command or a test opens what it needs.
    if pool := os.environ.get("SHOUWEN_POOL"):
        options["pool"] = {"min_size": 1, "max_size": int(pool), "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "shouwen",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
        "TEST": {"NAME": f"test_shouwen_{os.getpid()}", "TEMPLATE": "template0"},
    }


DATABASE_URL: str = os.environ.get("DATABASE_URL") or postgres.known_url(DATA_DIR) or "postgresql:///shouwen"
DATABASES: dict[str, dict[str, Any]] = {"default": database(DATABASE_URL)}

# --- who somebody is -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS: list[str] = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS: list[str] = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign_in"

OTP_TOTP_ISSUER = "首问"
# Attempts are counted by people.sign_in, which says how long to wait; a second, silent throttle would refuse right codes.
OTP_TOTP_THROTTLE_FACTOR = 0

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- what a browser may do --------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
    }
}

# --- language, time, files --------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES: list[tuple[str, str]] = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS: list[Path] = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT: Path = DATA_DIR / "static"
STATICFILES_DIRS: list[Path] = (
    [BASE_DIR / "static" / "dist"] if (BASE_DIR / "static" / "dist").is_dir() else []
)
_PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_MANIFEST_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_COLLECTED = not TESTING and (STATIC_ROOT / "staticfiles.json").exists()
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _MANIFEST_STATIC if _COLLECTED else _PLAIN_STATIC},
}
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = False
FILES_DIR: Path = DATA_DIR / "files"
MEDIA_ROOT: Path = FILES_DIR
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
# The gate refuses what is longer before Django sees it; the first prefix that fits counts.
BODY_LIMIT = 32 * 2**20
BODY_LIMITS: list[tuple[str, int]] = [
    ("/api/v1/photos", 21 * 2**20),
    ("/api/", 4 * 2**20),
    ("/sign-in", 2**16),
    ("/my/sign-in", 2**16),
    ("/my/slip", 2**16),
    ("/my/rate", 2**16),
    ("/import", 96 * 2**20),
]
THREADS = int(os.environ.get("SHOUWEN_THREADS", "3"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- jobs ---------------------------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING: dict[str, Any] = logging_config(os.environ.get("SHOUWEN_LOG", "json"))

if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    DATABASES["default"]["CONN_MAX_AGE"] = None

if BENCH:
    API_RATE = 10**9
