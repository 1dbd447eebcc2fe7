"""A server that always tells the same story, goes on with it from any point, and breaks off."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from rawserver import Peer, RawServer

# Blanks of all kinds, at the beginning and the end of words, lines and the whole.
STORY = " Once,  upon a\n\ntime é 日本 \t<b>there \n was. "
_WORD = re.compile(r"\s*\S+|\s+$")


class Storyteller(RawServer):
    """Speaks as one kind of server.

    Args:
        kind: "vllm", "llama.cpp", "tgi", or "openai" for one that says nothing of itself.
        cuts: How many characters of the rest each reply has before it is cut; None is all.
        echoes: Whether the first piece repeats what is gone on from.
        trims: Whether its template trims messages.
    """

    def __init__(
        self,
        kind: str = "vllm",
        cuts: Sequence[int | None] = (),
        *,
        echoes: bool = False,
        trims: bool = True,
    ) -> None:
        self.kind = kind
        self.cuts = list(cuts)
        self.echoes = echoes
        self.trims = trims
        self.story = STORY
        self.stalls = False
        self.bodies: list[dict[str, Any]] = []
        super().__init__(self._handle)

    def __enter__(self) -> Storyteller:
        return self

    def _handle(self, peer: Peer) -> None:
        while peer.read_request():
            path = peer.target.partition("?")[0]
            if peer.method == "GET":
                found = self._about(path)
                status = "200 OK" if found else "404 Not Found"
                peer.reply(json.dumps(found or {"error": "not found"}).encode(), status=status)
                continue
            body = json.loads(peer.body)
            if path == "/tokenize":
                peer.reply(b'{"tokens":[]}')
                continue
            self.bodies.append(body)
            if not self._tell(peer, path, body):
                return

    def _about(self, path: str) -> Any:
        known: dict[str, dict[str, Any]] = {
            "vllm": {"/v1/models": {"data": [{"id": "m", "owned_by": "vllm"}]}},
            "llama.cpp": {
                "/props": {
                    "default_generation_settings": {"n_ctx": 999},
                    "chat_template": "{% for m in messages %}{{ m.role }}: {{ m.content }}\n"
                    "{% endfor %}assistant:",
                }
            },
            "tgi": {"/info": {"router": "text-generation-router", "model_id": "m"}},
            "openai": {"/v1/models": {"data": [{"id": "m", "owned_by": "me"}]}},
        }
        return known[self.kind].get(path)

    def _tell(self, peer: Peer, path: str, body: dict[str, Any]) -> bool:
        said = self._said(path, body)
        rest = self.story[len(said) :]
        cut = self.cuts.pop(0) if self.cuts else None
        pieces = _WORD.findall(rest)
        limit = _limit(body)
        finish: str | None = "stop" if limit is None or limit >= len(pieces) else "length"
        pieces = pieces[:limit]
        if cut is not None:
            pieces, finish = _until(pieces, cut), None
        if self.echoes and pieces:
            pieces[0] = said + pieces[0]
        peer.start_stream()
        for piece in pieces:
            peer.event(_event(path, piece, None))
        if cut is not None:
            if self.stalls:
                peer.wait_gone(5)
            return False  # the connection is closed within the body
        peer.event(_event(path, "", finish))
        if path not in ("/completion", "/"):
            peer.event("[DONE]")
        peer.send(b"0\r\n\r\n")
        return True

    def _said(self, path: str, body: dict[str, Any]) -> str:
        """The beginning of the story that the request goes on from."""
        if path == "/v1/chat/completions":
            last = body["messages"][-1]
            said = last["content"] if last["role"] == "assistant" else ""
            said = said.rstrip() if self.trims else said
        else:
            prompt = str(body.get("inputs") or body.get("prompt"))
            said = prompt.partition("assistant:")[2] if "assistant:" in prompt else prompt[3:]
        if not self.story.startswith(said):
            raise AssertionError(f"the story does not begin so: {said!r}")
        return str(said)


def _limit(body: dict[str, Any]) -> int | None:
    fields = {**body, **body.get("parameters", {})}
    for name in ("max_tokens", "max_new_tokens", "n_predict"):
        if name in fields:
            return int(fields[name])
    return None


def _until(pieces: list[str], length: int) -> list[str]:
    """The first so many characters."""
    kept: list[str] = []
    for piece in pieces:
        if length > 0:
            kept.append(piece[:length])
        length -= len(piece)
    return kept


def _event(path: str, text: str, finish: str | None) -> str:
    if path == "/v1/chat/completions":
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        return json.dumps({"choices": [choice]})
    if path == "/completion":
        kind = {"stop": "eos", "length": "limit"}.get(finish or "")
        return json.dumps({"content": text, "stop": finish is not None, "stop_type": kind})
    if path == "/":
        token = {"id": 1, "text": text, "logprob": -1.0, "special": not text}
        reason = {"stop": "eos_token"}.get(finish or "", finish)
        details = {"finish_reason": reason, "generated_tokens": 1} if finish else None
        # TGI tells the whole text of its own reply; the tests do not need it.
        return json.dumps(
            {
                "index": 1,
                "token": token,
                "details": details,
                "generated_text": "" if finish else None,
            }
        )
    return json.dumps({"choices": [{"text": text, "finish_reason": finish}]})
