"""Options that several commands share, each written once, and what they give to the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

__all__ = [
    "CALL",
    "CLIENT",
    "client_options",
    "debug",
    "examples",
    "form",
    "given",
    "json_form",
    "jsonl_form",
    "patience",
    "picture",
    "sampling",
    "timeout",
    "turns",
    "who_answers",
    "who_answers_plainly",
    "who_works",
]

Function = TypeVar("Function", bound=Callable[..., Any])
Decorator = Callable[[Function], Function]

# The options that the client takes, and those of a chat.
CLIENT = ("model", "provider", "base_url", "timeout", "max_wait")
CALL = ("system", "protocol", "max_tokens", "temperature", "seed")


def _group(*options: Decorator[Any]) -> Decorator[Any]:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


debug = click.option("--debug", is_flag=True, help="Show the traceback of an error.")


def _providers(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Completes the name of a provider; looked up only when a shell asks."""
    from hfi._core.providers import POLICIES, provider_names

    names = ("auto", "local", *POLICIES, *provider_names())
    return sorted(name for name in names if name.startswith(incomplete))


def _models(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Completes the name of a model that hfi knows without the Hub."""
    from hfi._core.hub.catalogue import ALIASES, built_in_models

    names = {*ALIASES, *(info.id for info in built_in_models())}
    return sorted(name for name in names if name.startswith(incomplete))


_model = click.option(
    "-m",
    "--model",
    help="A model's id, such as org/name or org/name:groq, or a URL.",
    shell_complete=_models,
)
_base_url = click.option("--base-url", metavar="URL", help="A server of your own.")
_seed = click.option("--seed", type=int, metavar="N", help="The same seed makes the same answer.")

timeout = click.option(
    "--timeout", type=float, metavar="SECONDS", help="The longest silence allowed."
)

patience = _group(
    timeout,
    click.option("--max-wait", type=float, metavar="SECONDS", help="The longest wait for loading."),
)

_local = click.option(
    "--local", is_flag=True, help="Ask the embedded model: no account, no network."
)
_provider = click.option(
    "--provider",
    metavar="NAME",
    help="Who answers, such as groq, fastest or local.",
    shell_complete=_providers,
)

who_answers_plainly = _group(_local, _model, _provider, _base_url)

who_answers = _group(who_answers_plainly, patience)

who_works = _group(
    _model,
    click.option(
        "--provider",
        metavar="NAME",
        help="Who does it, such as hf-inference or fal-ai.",
        shell_complete=_providers,
    ),
    _base_url,
    patience,
)

turns = _group(
    click.option("-s", "--system", help="What the model is told before the prompt."),
    click.option(
        "--image",
        "images",
        multiple=True,
        metavar="PATH",
        help="A picture, by path or URL; repeatable.",
    ),
    click.option(
        "--protocol",
        type=click.Choice(["auto", "chat-completions", "text-generation"]),
        help="Who applies the chat template: the server, or hfi (text-generation).",
    ),
)

sampling = _group(
    click.option(
        "--max-tokens", type=int, metavar="N", help="The most tokens the answer may have."
    ),
    click.option(
        "--temperature", type=float, metavar="T", help="Randomness; 0 is the likeliest text."
    ),
    _seed,
)

picture = _group(
    click.option("--aspect-ratio", metavar="W:H", help="Width to height, such as 16:9."),
    click.option("--width", type=int, metavar="PIXELS", help="The width; wins over the ratio."),
    click.option("--height", type=int, metavar="PIXELS", help="The height; wins over the ratio."),
    _seed,
    click.option("--negative-prompt", metavar="TEXT", help="What the image should not show."),
    click.option(
        "--steps",
        "num_inference_steps",
        type=int,
        metavar="N",
        help="Denoising steps: more are slower, and often better.",
    ),
    click.option(
        "--guidance",
        "guidance_scale",
        type=float,
        metavar="G",
        help="How closely to follow the prompt.",
    ),
    click.option("-n", "n", type=int, metavar="N", help="How many images, made at the same time."),
)


def json_form(text: str) -> Decorator[Any]:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def jsonl_form(text: str) -> Decorator[Any]:
    """The option ``--jsonl``."""
    return click.option("--jsonl", "as_jsonl", is_flag=True, help=text)


def examples(*lines: str) -> str:
    """The end of a command's help, its lines as they are."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def form(options: Mapping[str, Any]) -> str:
    """The form of the output: "text", "json" or "jsonl".

    Raises:
        UsageError: Two were asked for.
    """
    if options["as_json"] and options["as_jsonl"]:
        raise click.UsageError("--json and --jsonl exclude each other.")
    return "json" if options["as_json"] else "jsonl" if options["as_jsonl"] else "text"


def given(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the options that were given."""
    return {name: options[name] for name in names if options.get(name) is not None}


def client_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The client's arguments among the options.

    Raises:
        UsageError: ``--local`` and another provider.
    """
    found = given(options, *CLIENT)
    if options.get("local"):
        if found.get("provider", "local") != "local":
            raise click.UsageError("--local and --provider exclude each other.")
        found["provider"] = "local"
    return found
