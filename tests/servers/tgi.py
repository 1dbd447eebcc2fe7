"""A server that speaks TGI's native protocol, made from TGI's own OpenAPI file and snapshots.

There is no installable TGI: the shapes are TGI's, the text is that of a recorded snapshot. Every
request is checked against the schema of its route.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from rawserver import Peer, RawServer

SNAPSHOT = "wire/tgi/test_flash_awq--test_flash_llama_awq.json"
_SCHEMAS = {
    "/": "CompatGenerateRequest",
    "/generate": "GenerateRequest",
    "/generate_stream": "GenerateRequest",
}


def openapi_schema(fixtures: Path, name: str) -> dict[str, Any]:
    """Give one schema of TGI's OpenAPI file as a JSON schema of its own."""
    api = json.loads((fixtures / "schemas" / "tgi-openapi.json").read_text())
    return {"$ref": f"#/components/schemas/{name}", "components": api["components"]}


class TGIServer(RawServer):
    """Serves one model, and the Hub's metadata of it.

    ``bodies`` holds the requests for text, ``complaints`` what the schema has against them.
    ``limit`` is the most tokens of prompt and answer; a word counts as a token.
    """

    def __init__(self, fixtures: Path, *, model: dict[str, Any], limit: int = 2048) -> None:
        self.fixtures = fixtures
        self.model = model
        self.limit = limit
        self.bodies: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.template_asked = 0
        self.adds_bos = True
        self.reply = json.loads((fixtures / SNAPSHOT).read_text())["body"]
        super().__init__(self._handle)

    @property
    def text(self) -> str:
        return str(self.reply["generated_text"])

    def _handle(self, peer: Peer) -> None:
        while peer.read_request():
            path = peer.target.partition("?")[0]
            if peer.method == "GET":
                self._look_up(peer, path)
            elif path in _SCHEMAS:
                self._generate(peer, path)
            elif path == "/tokenize":
                self._tokenize(peer)
            else:
                peer.reply(b"", status="404 Not Found")

    def _look_up(self, peer: Peer, path: str) -> None:
        if path == "/info":
            info = {"router": "text-generation-router", "model_id": self.model["id"]}
            sizes = {"max_input_tokens": self.limit - 1, "max_total_tokens": self.limit}
            peer.reply(json.dumps(info | sizes).encode())
        elif path == f"/api/models/{self.model['id']}":
            self.template_asked += 1
            peer.reply(json.dumps(self.model).encode())
        else:
            peer.reply(b"", status="404 Not Found")

    def _generate(self, peer: Peer, path: str) -> None:
        body = json.loads(peer.body)
        self.bodies.append(body)
        schema = openapi_schema(self.fixtures, _SCHEMAS[path])
        try:
            jsonschema.validate(body, schema)
        except jsonschema.ValidationError as error:
            self.complaints.append(error.message)
        streams = path == "/generate_stream" or (path == "/" and body.get("stream", False))
        error = self._refusal(body)
        if error is not None and not streams:
            peer.reply(json.dumps(error).encode(), status="422 Unprocessable Entity")
        elif streams:
            self._stream(peer, body, error)
        else:
            details = body.get("parameters", {}).get("details")
            reply = self.reply if details else {"generated_text": self.text}
            peer.reply(json.dumps([reply] if path == "/" else reply).encode())

    def _refusal(self, body: dict[str, Any]) -> dict[str, Any] | None:
        prompt = len(body["inputs"].split())
        made = body.get("parameters", {}).get("max_new_tokens", 1)
        if prompt + made <= self.limit:
            return None
        text = (
            f"Input validation error: `inputs` tokens + `max_new_tokens` must be <= {self.limit}."
            f" Given: {prompt} `inputs` tokens and {made} `max_new_tokens`"
        )
        return {"error": text, "error_type": "validation"}

    def _stream(self, peer: Peer, body: dict[str, Any], error: dict[str, Any] | None) -> None:
        # TGI answers 200 to a stream before it has looked at the prompt.
        peer.start_stream()
        if error is not None:
            peer.event(json.dumps(error))
        else:
            self._events(peer, body)
        peer.send(b"0\r\n\r\n")

    def _events(self, peer: Peer, body: dict[str, Any]) -> None:
        tokens = self.reply["details"]["tokens"]
        for index, token in enumerate(tokens, 1):
            last = index == len(tokens)
            event = {
                "index": index,
                "token": token,
                "generated_text": self.text if last else None,
                "details": None,
            }
            if last and body.get("parameters", {}).get("details"):
                event["details"] = {
                    "finish_reason": self.reply["details"]["finish_reason"],
                    "generated_tokens": len(tokens),
                    "seed": None,
                    "input_length": len(body["inputs"].split()),
                }
            peer.event(json.dumps(event))

    def _tokenize(self, peer: Peer) -> None:
        tokens = [{"id": 1, "text": "", "start": 0, "stop": 0}] if self.adds_bos else []
        for word in json.loads(peer.body)["inputs"].split():
            tokens.append({"id": 2, "text": word, "start": 0, "stop": len(word)})
        peer.reply(json.dumps(tokens).encode())
