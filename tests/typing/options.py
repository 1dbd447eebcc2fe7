"""Types of the options: what a type checker accepts, and what it must refuse.

Checked by mypy and basedpyright, not run. To mypy an ``ignore`` without need is an error, so
each line with one proves a refusal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hfi._core.outgoing.options import lists_options, split_options
from hfi.types.message import Message, MessagesLike
from hfi.types.options import CHAT_DEFAULTS, ChatArguments, ChatOptions, ClientOptions
from hfi.types.settings import Timeout

if sys.version_info >= (3, 11):
    from typing import Unpack, assert_type
else:
    from typing_extensions import Unpack, assert_type


def chat(messages: MessagesLike, **options: Unpack[ChatOptions]) -> str:
    return str(split_options(options, ChatOptions))


class Client:
    @lists_options(ChatArguments, CHAT_DEFAULTS)
    def chat(self, messages: MessagesLike, **options: Unpack[ChatArguments]) -> int:
        return len(options)

    @lists_options(ChatArguments)
    async def chat_async(self, messages: MessagesLike, **options: Unpack[ChatArguments]) -> int:
        return len(options)

    def with_options(self, **changes: Unpack[ClientOptions]) -> None: ...


# The decorator keeps the method's type.
assert_type(Client().chat("Hi", model="m", temperature=0.5), int)

chat("Hi", max_tokens=5, temperature=0, top_p=None, stop="END", seed=None)
chat("Hi", stop=["a", "b"], logit_bias={50256: -100}, tool_choice="auto")
chat("Hi", logit_bias={"50256": -100.0}, timeout=Timeout(total=None), provider=["groq", "local"])
chat("Hi", timeout=None, token=lambda: "t", on_wait=print, headers={"x": "y"})
chat("Hi", chat_template_kwargs={"enable_thinking": False}, stream_options={})

chat("Hi", temprature=0.5)  # type: ignore[call-arg]
chat("Hi", temperature="warm")  # type: ignore[arg-type]
chat("Hi", max_tokens=1.5)  # type: ignore[arg-type]
chat("Hi", stop=3)  # type: ignore[arg-type]
chat("Hi", logprobs="yes")  # type: ignore[arg-type]
chat("Hi", proxy="http://localhost")  # type: ignore[call-arg]

client = Client()
client.chat("Hi", fit="trim", protocol="text-generation", resume=2, extra_body={"x": 1})
client.chat("Hi", tools=[len, {"type": "function"}], response_format=dict, system="Be brief.")
client.chat("Hi", fit="cut")  # type: ignore[arg-type]
client.chat("Hi", resume="2")  # type: ignore[arg-type]
client.with_options(model="m", proxy=None, max_retries=0)
client.with_options(temperature=1)  # type: ignore[call-arg]


class Reply:
    def to_dict(self) -> dict[str, Any]:
        return {}


class Completion:
    message: Reply = Reply()


dicts: list[dict[str, str]] = [{"role": "user", "content": "Hi"}]
chat(dicts)
chat([Message("user", "Hi"), {"role": "assistant", "content": None}, Reply(), Completion()])
chat((Message("user", ["Look", b"...", {"type": "image", "image": "a.png"}]),))
chat(3)  # type: ignore[arg-type]
chat([3])  # type: ignore[list-item]

message = Message("user", "Hi", name="Ann")
assert_type(message.role, str)
assert_type(message.name, str | None)
assert_type(message.to_dict(), dict[str, Any])
message.role = "tool"  # type: ignore[misc]
Message("user", "Hi", "Ann")  # type: ignore[call-arg]

both: tuple[Mapping[str, Any], Mapping[str, Any]] = split_options({}, ChatOptions)
method: Callable[..., int] = client.chat
names: Sequence[str] = list(ChatOptions.__annotations__)
