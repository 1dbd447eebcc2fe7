"""The arguments of ``text_to_image``, sorted and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hfi._core.images.aspect_ratio import pixels
from hfi._core.observe.masking import masked_options
from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import split_options
from hfi.errors import ConfigurationError
from hfi.types.options import ImageOptions, ImageShape

__all__ = ["ImageCall"]

_SEEDS = 2**32  # servers read an unsigned number of 32 bits


@attrs.frozen(kw_only=True)
class ImageCall:
    """One call of ``text_to_image``.

    Attributes:
        prompt: What to show.
        n: How many images; None is one, given as such.
        options: What is sent, by our names: ``width``, ``height``, ``seed`` and so on.
        model, extra_body, extra_headers, extra_query: As the user gave them.
        client_options: What the call changes in the client's configuration.
    """

    prompt: str = attrs.field(repr=False)
    n: int | None = None
    model: str | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)
    extra_body: Mapping[str, Any] | None = None
    extra_headers: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    extra_query: Mapping[str, Any] | None = None
    client_options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, prompt: str, n: int | None, options: Mapping[str, Any]) -> ImageCall:
        """Sorts a call's keywords.

        Raises:
            ConfigurationError: A name is unknown, or a value can be right for no server.
        """
        masked_options(options)
        if not isinstance(prompt, str):
            raise ConfigurationError(f"prompt must be a string, not {type(prompt).__name__}.")
        shape = ImageShape.__annotations__
        shaping = {k: checked(k, v) for k, v in options.items() if k in shape and v is not None}
        rest = {k: v for k, v in options.items() if k not in shape}
        wire, own = split_options(rest, ImageOptions, arguments=[*shape, "n"])
        sides = pixels(shaping.pop("aspect_ratio", None), wire.get("width"), wire.get("height"))
        sized = zip(("width", "height"), sides, strict=True)
        wire.update((name, side) for name, side in sized if side is not None)
        if "seed" in wire:
            _check_seed(wire["seed"])
        if n is not None:
            n = checked("n", n)
        return cls(prompt=prompt, n=n, options=wire, client_options=own, **shaping)

    @property
    def changes(self) -> Mapping[str, Any]:
        """What the call changes in the client's configuration."""
        if self.model is None:
            return self.client_options
        return {**self.client_options, "model": self.model}

    def each(self, spare_seed: int) -> tuple[ImageCall, ...]:
        """The calls for one image each.

        Their seeds follow one another, so that no two images are the same where a server keeps
        replies to equal requests. The first is the one that was given, else ``spare_seed``; a
        single image gets none that was not given.
        """
        count = self.n or 1
        if count == 1:
            return (attrs.evolve(self, n=None),)
        first = self.options.get("seed", spare_seed)
        seeds = ((first + offset) % _SEEDS for offset in range(count))
        return tuple(
            attrs.evolve(self, n=None, options={**self.options, "seed": seed}) for seed in seeds
        )


def _check_seed(seed: int) -> None:
    if not 0 <= seed < _SEEDS:
        raise ConfigurationError(f"seed must be a whole number from 0 to {_SEEDS - 1}, not {seed}.")
