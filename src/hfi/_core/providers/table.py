"""The table of providers: data, read off what Hugging Face's own two clients send."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["POLICIES", "PROVIDERS", "Provider"]

POLICIES = frozenset({"fastest", "cheapest", "preferred"})
"""Suffixes of a model that leave the choice of the provider to the router."""


@attrs.frozen(kw_only=True)
class Provider:
    """One provider.

    Attributes:
        name: As the Hub spells it.
        base: Its own API, for calls with its own key; None where only the router reaches it.
        chat: Its chat route below ``base``; None where none is known.
        text: Its route for text generation below ``base``, OpenAI's; None where none is known.
        headers: Headers that its own API wants, names in lower case.
        key_scheme: The scheme of the ``Authorization`` header for its own keys.
        routed: Whether Hugging Face's router takes calls for it.
        dialect: Where its chat API departs from OpenAI's, the name of that departure.
    """

    name: str
    base: str | None = None
    chat: str | None = "/v1/chat/completions"
    text: str | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    key_scheme: str = "Bearer"
    routed: bool = True
    dialect: str = "openai"


_ROWS = (
    Provider(name="baseten", base="https://inference.baseten.co"),
    Provider(name="cerebras", base="https://api.cerebras.ai"),
    Provider(
        name="cohere",
        base="https://api.cohere.com",
        chat="/compatibility/v1/chat/completions",
        dialect="cohere",
    ),
    Provider(
        name="deepinfra",
        base="https://api.deepinfra.com",
        chat="/v1/openai/chat/completions",
        text="/v1/openai/completions",
    ),
    Provider(name="fal-ai", base="https://fal.run", chat=None, key_scheme="Key"),
    Provider(name="featherless-ai", base="https://api.featherless.ai", text="/v1/completions"),
    Provider(
        name="fireworks-ai",
        base="https://api.fireworks.ai",
        chat="/inference/v1/chat/completions",
        dialect="fireworks-ai",
    ),
    Provider(name="groq", base="https://api.groq.com", chat="/openai/v1/chat/completions"),
    # Hugging Face's own; its chat route stands behind the model: /models/{id}/v1/...
    Provider(name="hf-inference", dialect="hf-inference"),
    Provider(
        name="novita",
        base="https://api.novita.ai",
        chat="/v3/openai/chat/completions",
        text="/v3/openai/completions",
    ),
    Provider(name="nscale", base="https://inference.api.nscale.com"),
    Provider(name="openai", base="https://api.openai.com", routed=False),
    Provider(
        name="ovhcloud",
        base="https://oai.endpoints.kepler.ai.cloud.ovh.net",
        text="/v1/completions",
    ),
    Provider(name="publicai", base="https://api.publicai.co"),
    Provider(name="replicate", base="https://api.replicate.com", chat=None),
    Provider(name="scaleway", base="https://api.scaleway.ai", text="/v1/completions"),
    Provider(
        name="together",
        base="https://api.together.xyz",
        text="/v1/completions",
        dialect="together",
    ),
    Provider(name="wavespeed", base="https://api.wavespeed.ai", chat=None),
    Provider(
        name="zai-org",
        base="https://api.z.ai",
        chat="/api/paas/v4/chat/completions",
        headers={"accept-language": "en-US,en", "x-source-channel": "hugging_face"},
    ),
    # No longer in the official clients, but the Hub may still name them in a model's mapping.
    *(
        Provider(name=name, chat=None)
        for name in (
            "black-forest-labs",
            "clarifai",
            "hyperbolic",
            "nebius",
            "nvidia",
            "sambanova",
        )
    ),
)

PROVIDERS: Mapping[str, Provider] = {row.name: row for row in _ROWS}
