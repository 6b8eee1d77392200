"""The sandbox: seven payer portals in one Flask app, with a control address for tests and demos."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date
from decimal import Decimal

from flask import Blueprint, Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from scrapers.fixtures import plain
from scrapers.sandbox import pages
from scrapers.sandbox.claims import PAYERS, PORTALS
from scrapers.sandbox.desk import FAULTS, Desk, account_of
from scrapers.sandbox.world import World, build_world


def create_sandbox(
    seed: int = 107, today: date | None = None, *, more: int = 0, delay: float = 0.15
) -> Flask:
    """The app. `today` anchors all dates, `more` adds claims, `delay` seconds a late render."""
    app = Flask(__name__)
    world = build_world(seed, today or date.today(), more)  # noqa: DTZ011 the office's own day
    desk = Desk(delay=delay)
    app.extensions["sandbox"] = (world, desk)
    app.jinja_env.filters.update(money=money, us_date=us_date, dash=dash)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for found in pkgutil.iter_modules(pages.__path__):
        portal = found.name
        module = importlib.import_module(f"scrapers.sandbox.pages.{portal}")
        app.register_blueprint(module.blueprint(world, desk), url_prefix=f"/{portal}")
    app.register_blueprint(_control(world, desk), url_prefix="/_control")

    @app.get("/")
    def index() -> str:
        accounts = {portal: account_of(portal) for portal in PORTALS}
        at = app.extensions.get("sandbox_addresses", {})
        return render_template("index.html", payers=PAYERS, accounts=accounts, world=world, at=at)

    return app


def money(value: Decimal | None) -> str:
    """`$1,150.00`, `-$12.50`, `--`."""
    if value is None:
        return "--"
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def us_date(value: date | None) -> str:
    return f"{value:%m/%d/%Y}" if value else "--"


def dash(value: object) -> str:
    return str(value) if value not in ("", None, ()) else "--"


def _control(world: World, desk: Desk) -> Blueprint:
    control = Blueprint("control", __name__)

    @control.get("/counts")
    def counts() -> ResponseReturnValue:
        return jsonify(desk.counts())

    @control.post("/fault")
    def fault() -> ResponseReturnValue:
        asked = request.get_json(silent=True) or {}
        portal, account, name = (asked.get(key, "") for key in ("portal", "account", "fault"))
        if portal not in PORTALS or (name and name not in FAULTS):
            return jsonify(error="unknown portal or fault", faults=FAULTS), 422
        with desk.lock:
            desk.faults[(portal, account)] = name
        return jsonify(portal=portal, account=account, fault=name)

    @control.post("/reset")
    def reset() -> ResponseReturnValue:
        desk.reset()
        return jsonify(reset=True)

    @control.get("/truth.json")
    def truth() -> ResponseReturnValue:
        return jsonify({portal: plain(world.truth(portal)) for portal in PORTALS})

    return control
