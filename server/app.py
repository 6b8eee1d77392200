"""The application: everything that answers a request, put together in one place.

    create_app(settings, store) -> APIFlask

Order of a request: `Guard` (host, origin, headers), who calls, whether they may, how often, how
large, then the view. A view that does not say whom it takes keeps the application from starting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

from apiflask import APIFlask
from flask import g, request
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from server.api import BLUEPRINTS, codes, metrics, openapi, refusals
from server.api.quick import Quick
from server.security.callers import Rights, enforce, rights_of
from server.security.guard import Guard
from server.security.identify import Tokens, identify
from server.security.limits import LightCount, caller_key, make_limiter
from server.security.problems import from_status, too_large
from server.security.surroundings import EXTENSION, Surroundings, wall_clock
from server.settings import Settings
from server.store import Store

PAGES = "server.web.pages"
TOKENS = "remitlens.tokens"
LIGHT = "remitlens.light"
METRICS = "remitlens.metrics"
QUICK = "remitlens.quick"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def create_app(
    settings: Settings, store: Store, now: Callable[[], datetime] = wall_clock
) -> APIFlask:
    """Make the application on an open store; the caller closes the store.

    `now` is the clock everything under a request sees.
    """
    app = APIFlask(
        "server",
        title="Remitlens",
        version=version("remitlens"),
        spec_path=None,
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # Flask takes None: serve no folder
    )
    surroundings = Surroundings(settings, store, now)
    app.extensions[EXTENSION] = surroundings
    app.extensions[TOKENS] = Tokens()
    app.extensions[METRICS] = metrics.Metrics()
    _configure(app, surroundings)
    app.url_map.converters["code"] = codes.CodeConverter
    refusals.register(app)
    limiter = make_limiter(settings.server.requests_per_minute)
    app.extensions[LIGHT] = LightCount(limiter, settings.server.requests_per_minute)
    app.before_request(_admission(app))
    limiter.init_app(app)
    for name in BLUEPRINTS:
        module = import_module(f"server.api.{name}")
        app.register_blueprint(module.blueprint)
        if hasattr(module, "limit"):
            module.limit(limiter, app)
    if find_spec(PAGES) is not None:
        pages = import_module(PAGES)
        app.register_blueprint(pages.blueprint)
        if hasattr(pages, "limit"):
            pages.limit(limiter, app)
        if hasattr(pages, "problem_page"):
            app.extensions[refusals.PAGE_OF_PROBLEM] = pages.problem_page
    Compress(app)
    app.spec_processor(openapi.true_spec(app))
    _check_rights(app)
    _wrap(app, surroundings)
    return app


def _configure(app: APIFlask, around: Surroundings) -> None:
    keys = [key.derive("page cookies").hex() for key in around.store.sealer.keys]
    server = around.settings.server
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="__Host-remitlens" if around.by_tls else "remitlens",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=around.by_tls,
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=around.settings.intake.max_file_mib * 2**20,
        MAX_FORM_MEMORY_SIZE=262144,
        MAX_FORM_PARTS=64,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        # Pages hold a CSRF token beside words a person typed: compressing both in one answer lets
        # its length tell the token (BREACH). Programs' answers hold no such secret.
        COMPRESS_MIMETYPES=["application/json", "text/css", "text/javascript", "image/svg+xml"],
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_MIN_SIZE=1024,
        TRUSTED_HOSTS=None,
        OPENAPI_VERSION="3.1.0",
        AUTO_SERVERS=False,
        TAGS=list(openapi.TAGS),
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        PREFERRED_URL_SCHEME="https" if server.tls_certificate else "http",
    )


def _admission(app: APIFlask) -> Callable[[], None]:
    """What runs before every view: who calls, whether they may, and how much they may send."""
    around: Surroundings = app.extensions[EXTENSION]
    seen: Tokens = app.extensions[TOKENS]
    light: LightCount = app.extensions[LIGHT]
    csrf = CSRFProtect()
    csrf.init_app(app)

    def admit() -> None:
        rule = request.url_rule
        environ = request.environ
        if "\x00" in environ["PATH_INFO"]:
            # No name of ours holds it, and PostgreSQL takes it in no text.
            raise from_status(400)
        environ["remitlens.route"] = rule.rule if rule is not None else "-"
        caller = g.caller = identify(around, seen, request)
        environ["remitlens.who"] = caller.tag
        if caller.kind == "anonymous":
            # Counted here: who is turned away below never gets as far as the limiter's own count.
            light.hit(caller_key())
        view = app.view_functions.get(request.endpoint or "")
        rights = rights_of(view) if view is not None else None
        if rights is None:
            return
        g.practices = enforce(caller, rights)
        if request.method not in _SAFE:
            _limit_body(rights)
            if caller.kind == "person" or rights.page:
                csrf.protect()

    return admit


def _limit_body(rights: Rights) -> None:
    request.max_content_length = rights.cap
    if (request.content_length or 0) > rights.cap:
        raise too_large(rights.cap)


def _check_rights(app: APIFlask) -> None:
    for rule in app.url_map.iter_rules():
        if rights_of(app.view_functions[rule.endpoint]) is None:
            raise RuntimeError(f"{rule.rule}: the view does not say whom it takes")


def _wrap(app: APIFlask, around: Surroundings) -> None:
    seen: Tokens = app.extensions[TOKENS]
    codes_rights = rights_of(app.view_functions["codes.one"])
    if codes_rights is None:
        raise RuntimeError("codes: the view does not say whom it takes")
    quick = Quick(
        app.wsgi_app,
        seen,
        app.extensions[LIGHT],
        codes_rights,
        codes.kept_answer,
    )
    app.extensions[QUICK] = quick
    guard = Guard(
        quick,
        around.settings.server,
        paired=lambda origin: seen.paired(around, origin),
        counted=app.extensions[METRICS].count,
    )
    app.wsgi_app = guard  # type: ignore[method-assign]
    if around.settings.server.behind_proxy:
        # One proxy, as the setting states: the last address it added is the caller's.
        app.wsgi_app = ProxyFix(guard, x_for=1, x_proto=1)  # type: ignore[method-assign]
