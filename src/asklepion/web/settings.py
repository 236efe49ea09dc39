"""Django settings, from the environment. Embedded by default: one SQLite file under ASKLEPION_HOME."""

import os
import secrets
from pathlib import Path

import dj_database_url

HOME = Path(os.environ.get("ASKLEPION_HOME", "var")).resolve()
DEMO = os.environ.get("ASKLEPION_DEMO") == "1"
DEBUG = False


def _kept_secret(name: str) -> str:
    """Return the secret from the environment, or one made once and kept in HOME, readable by its owner only."""
    if value := os.environ.get(f"ASKLEPION_{name.upper()}"):
        return value
    path = HOME / f"{name}.secret"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


SECRET_KEY = _kept_secret("secret_key")
PEOPLE_KEY = _kept_secret("people_key")
ALLOWED_HOSTS = os.environ.get("ASKLEPION_HOSTS", "127.0.0.1,localhost,testserver").split(",")

if os.environ.get("ASKLEPION_DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(env="ASKLEPION_DATABASE_URL")}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = True
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "asklepion.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "asklepion.record",
    "asklepion.web",
]
AUTH_USER_MODEL = "record.Account"
ASKLEPION_PROJECTOR = "asklepion.flows.projection.project"

TIME_ZONE = os.environ.get("ASKLEPION_TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-gb"
ROOT_URLCONF = "asklepion.web.urls"
STATIC_URL = "static/"
