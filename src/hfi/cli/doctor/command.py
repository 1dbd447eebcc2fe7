"""``hfi doctor``: looks at everything a call needs, within one deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from hfi.cli import options as shared
from hfi.cli.doctor import verdicts
from hfi.cli.doctor.facts import Check
from hfi.cli.exit_codes import FAILED
from hfi.cli.failure import Command, in_options
from hfi.cli.screen import Screen
from hfi.cli.shapes import json_line
from hfi.cli.tables import Column, tabbed, write_table
from hfi.errors import ConfigurationError, OfflineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.configuration.world import World
    from hfi._core.routing import Route

__all__ = ["doctor", "examine"]

_CHECKS = (
    Column(heading="", tints={"ok": "green", "warn": "yellow", "fail": "bold red"}),
    Column(heading="", least=14),
    Column(heading="", least=16),
)


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi doctor",
        "hfi doctor --base-url http://localhost:8080",
        'hfi doctor --json | jq ".checks[] | select(.state != \\"ok\\")"',
    ),
)
@shared.who_answers_plainly
@click.option(
    "--deadline",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="The most that all of it may take.",
)
@shared.json_form("Write the verdicts as one JSON object.")
@shared.debug
@click.pass_context
def doctor(ctx: click.Context, /, **given: Any) -> None:
    """Find out what is in the way of a call, and say what to do about it.

    It looks at the token (which it does not show), at the ways to the servers (name, connection,
    TLS, reply), at proxies, certificates and the clock, at who would answer, and at the embedded
    model. The options say which call is meant. The exit code is 1 if anything failed. A pipe gets
    a line for each verdict, with tabs between: ok, warn or fail; what; what was found; what to do.
    """
    with Screen() as screen:
        screen.status("Looking")
        checks = examine(shared.client_options(given), given["deadline"])
        screen.stop_status()
        if given["as_json"]:
            bad = any(check.state == "fail" for check in checks)
            screen.line(json_line({"ok": not bad, "checks": [attrs.asdict(c) for c in checks]}))
        elif screen.shown:
            write_table(screen, _CHECKS, _rows(checks), headed=False)
        else:
            for check in checks:
                screen.line(tabbed([check.state, check.name, check.text, check.fix]))
    if any(check.state == "fail" for check in checks):
        ctx.exit(FAILED)


def _rows(checks: Sequence[Check]) -> list[list[str]]:
    rows = []
    for check in checks:
        rows.append([check.state, check.name, check.text])
        if check.fix:
            rows.append(["", "", f"> {check.fix}"])
    return rows


def examine(options: dict[str, Any], deadline: float) -> list[Check]:
    """Looks at everything; it takes the deadline at most, in seconds, and a moment."""
    from hfi._core.configuration.config import resolve
    from hfi._environment import read_world

    world = read_world()
    try:
        config = resolve(world, **options)
    except ConfigurationError as error:
        return [_failed("configuration", error)]
    route: Route | None = None
    checks: list[Check] = []
    try:
        checks.append(_provider(config))
        if not config.is_local:
            from hfi._core.routing import chat_route

            route = chat_route(config)
            checks += [
                Check(name="provider", state="warn", text=text, fix="See docs/configuration.md.")
                for text in route.warnings
            ]
    except OfflineError:
        pass  # said below
    except ConfigurationError as error:
        # That there is no token is said with the token.
        if config.found.token is not None or config.base_url is not None:
            checks[-1] = _failed("provider", error)
    return [*checks, *_surroundings(config, world, route, deadline)]


def _provider(config: ClientConfig) -> Check:
    from hfi._core.providers import nearest_provider

    # The router may know one that hfi does not, so a strange name is no failure.
    near = next(filter(None, map(nearest_provider, config.providers)), None)
    fix = f"Did you mean {near}?" if near else ""
    return Check(name="provider", state="warn" if near else "ok", text=_who(config), fix=fix)


def _who(config: ClientConfig) -> str:
    from hfi._core.configuration.defaults import CHAT
    from hfi._core.configuration.urls import safe_url
    from hfi._core.routing import model_for

    model = model_for(config, CHAT)
    if config.base_url is not None:
        where = f"{safe_url(config.base_url)} (by {config.base_url_from})"
        return f"a server of your own, {where}" + (f", model {model}" if model else "")
    if config.is_local:
        return "the embedded model"
    return f"{', '.join(config.providers)}, model {model}"


def _surroundings(
    config: ClientConfig, world: World, route: Route | None, deadline: float
) -> list[Check]:
    from hfi.cli.doctor import surroundings
    from hfi.cli.doctor.probes import HostProbe, WhoAmIProbe, run_all

    found, proxy_problem = surroundings.proxies()
    trust = surroundings.certificates(world)
    credential = surroundings.hub_token(config)
    hosts = [] if trust.state == "fail" else surroundings.targets(config, route)
    probes = [HostProbe(target) for target in hosts]
    who = WhoAmIProbe(config.hub_url, credential) if credential and hosts else None
    run_all([*probes, *([who] if who else [])], deadline)
    reached = [probe.facts for probe in probes]
    checks = [
        verdicts.token(surroundings.token(config, world, who.facts if who else None)),
        verdicts.proxies(found, proxy_problem),
        trust,
        *map(verdicts.host, reached),
    ]
    if any(facts.told for facts in reached):
        checks.append(verdicts.clock(reached))
    if config.found.offline is not None:
        checks.append(verdicts.offline(config.found.offline))
    checks.append(verdicts.local_model(surroundings.local(config)))
    return checks


def _failed(name: str, error: ConfigurationError) -> Check:
    return Check(
        name=name, state="fail", text=in_options(error.message), fix=in_options(error.hint or "")
    )
