"""Django settings, from the environment. Embedded by default: one SQLite file under ASKLEPION_HOME."""

import os
import secrets
from datetime import timedelta
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
ALLOWED_HOSTS = os.environ.get("ASKLEPION_HOSTS", "127.0.0.1,localhost").split(",")

if os.environ.get("ASKLEPION_DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(env="ASKLEPION_DATABASE_URL")}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = True
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "asklepion.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                    "PRAGMA recursive_triggers=ON; PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
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
STATIC_ROOT = HOME / "static"
WSGI_APPLICATION = "asklepion.web.wsgi.application"
ASGI_APPLICATION = "asklepion.web.asgi.application"
SITE = os.environ.get("ASKLEPION_SITE", "Demo clinic" if DEMO else "")
# What a participant is shown to ring. Where the site has not said, the page says that it does not know.
CLINIC_PHONE = os.environ.get("ASKLEPION_CLINIC_PHONE", "")
EMERGENCY_PHONE = os.environ.get("ASKLEPION_EMERGENCY_PHONE", "")
HTTPS = os.environ.get("ASKLEPION_HTTPS") == "1"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "asklepion.web.middleware.Door",
    # After the door: a forged form to a page that a role may not open answers as any page that does not exist.
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "asklepion.web.context.shell",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_MAX_AGE = 3600

# Signing in: an account, a password, a six-digit code. No sign-up, no mail.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "asklepion.web.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {"change_password": "asklepion.web.forms.ChangePassword"}
# Wrong passwords are counted by axes, in the database; this limit is for wrong codes.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "30/m/ip,10/5m/key", "reauthenticate": "10/m/user"}
MFA_ADAPTER = "asklepion.web.sign_in.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"Asklepion {SITE}".strip()
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "asklepion.web.sign_in.name_of_try"
AXES_LOCKOUT_CALLABLE = "asklepion.web.views.shell.locked"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# A session ends after twenty idle minutes, and after twelve hours in any case (web/middleware.py).
SESSION_COOKIE_AGE = 20 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "asklepion.web.views.shell.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "script-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Faults go to stderr with the address's route, never with what was typed; so does who looked up who a code is.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
        "asklepion.people": {"level": "INFO"},
    },
}
