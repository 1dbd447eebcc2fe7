"""Servers of embeddings, ranks and tokens, by kind: the replies and errors of each, as documented.

A text's vector is counted from its letters, so that tests know which text a row is of.
"""

from __future__ import annotations

import base64
import json
import struct
import threading
from typing import Any

import httpx

TEI_INFO = {
    "model_id": "org/embedder",
    "model_sha": "abc",
    "model_dtype": "float32",
    "model_type": {"embedding": {"pooling": "mean"}},
    "max_concurrent_requests": 512,
    "max_input_length": 512,
    "max_batch_tokens": 16384,
    "max_batch_requests": None,
    "max_client_batch_size": 4,
    "auto_truncate": False,
    "tokenization_workers": 2,
    "version": "1.8.2",
}


def vector(text: str) -> list[float]:
    """Three numbers that differ from text to text, and that 32 bits hold."""
    codes = [ord(letter) % 512 for letter in text]
    return [float(len(codes)), float(sum(codes) % 4096), float(codes[0] if codes else 0)]


def overlap(one: str, other: str) -> float:
    """How many words of one stand in the other."""
    words = set(one.lower().split())
    return len(words & set(other.lower().split())) / len(words)


class FakeServer:
    """A server of one kind behind an ``httpx`` transport.

    ``asked`` holds (method, path, body) of each request, ``most`` how many were under way at once.
    ``broken`` maps a text to the (status, body) with which every request that has it is answered.
    """

    def __init__(self, kind: str, *, model: str = "org/embedder", **info: Any) -> None:
        self.kind = kind
        self.model = model
        self.info = {**TEI_INFO, "model_id": model, **info}
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.broken: dict[str, tuple[int, Any]] = {}
        self.loading = False
        self.off: frozenset[str] = frozenset()
        self.lock = threading.Lock()
        self.transport = httpx.MockTransport(self)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        with self.lock:
            self.asked.append((request.method, request.url.path, body))
            self.headers.append(dict(request.headers))
        status, reply = self._answer(request.method, request.url.path, body)
        if isinstance(reply, str):
            return httpx.Response(status, text=reply)
        headers = {}
        if request.url.path == "/embed":  # its bodies are rows alone
            words = [text.split() for text in self._texts("/embed", body)]
            headers["x-compute-tokens"] = str(sum(map(len, words)))
        if reply is None:
            return httpx.Response(status)
        return httpx.Response(status, json=reply, headers=headers)

    def bodies(self, path: str) -> list[Any]:
        """The bodies of the requests to one path, in order."""
        return [body for _, asked, body in self.asked if asked == path]

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        handler = getattr(self, f"_{self.kind.replace('.', '').replace('-', '_')}")
        found: tuple[int, Any] | None = None
        if path not in self.off:
            found = handler(path) if method == "GET" else self._post(path, body)
        return found if found is not None else self._absent()

    def _absent(self) -> tuple[int, Any]:
        if self.kind == "vllm":
            return 404, {"detail": "Not Found"}
        if self.kind == "llama.cpp":
            if "/v1/rerank" in self.off:
                told = "This server does not support reranking. Start it with `--reranking`"
                return 501, {"error": {"code": 501, "message": told, "type": "not_supported_error"}}
            error = {"message": "File Not Found", "type": "not_found_error", "code": 404}
            return 404, {"error": error}
        return 404, None

    # -- looking up

    def _tei(self, path: str) -> tuple[int, Any] | None:
        if path == "/health":
            unhealthy = {"error": "unhealthy", "error_type": "Unhealthy"}
            return (503, unhealthy) if self.loading else (200, None)
        return (200, self.info) if path == "/info" else None

    def _tgi(self, path: str) -> tuple[int, Any] | None:
        if path == "/health":
            return 200, None
        sizes = {"max_input_tokens": 1023, "max_total_tokens": 1024, "max_client_batch_size": 4}
        info = {"router": "text-generation-router", "model_id": self.model, "version": "3.3.6"}
        return (200, info | sizes) if path == "/info" else None

    def _vllm(self, path: str) -> tuple[int, Any] | None:
        models = [{"id": self.model, "owned_by": "vllm", "max_model_len": 2048}]
        return {
            "/health": (200, None),
            "/version": (200, {"version": "0.32.0"}),
            "/v1/models": (200, {"object": "list", "data": models}),
        }.get(path)

    def _llamacpp(self, path: str) -> tuple[int, Any] | None:
        if self.loading:
            error = {"code": 503, "message": "Loading model", "type": "unavailable_error"}
            return 503, {"error": error}
        props = {
            "default_generation_settings": {"n_ctx": 2048},
            "model_alias": self.model,
            "build_info": "b7000-abc",
            "total_slots": 4,
        }
        return {"/health": (200, {"status": "ok"}), "/props": (200, props)}.get(path)

    def _ollama(self, path: str) -> tuple[int, Any] | None:
        return {
            "/": (200, "Ollama is running"),
            "/api/version": (200, {"version": "0.12.0"}),
            "/v1/models": (200, {"object": "list", "data": [{"id": "nomic-embed-text"}]}),
        }.get(path)

    def _lm_studio(self, path: str) -> tuple[int, Any] | None:
        models = {"models": [{"key": self.model, "type": "embedding"}]}
        if path == "/api/v1/models":
            return 200, models
        if path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": self.model}]}
        # It says that it answers 200 to what it does not know.
        return 200, {"error": f"Unexpected endpoint or method. (GET {path})"}

    def _openai(self, path: str) -> tuple[int, Any] | None:
        models = {"object": "list", "data": [{"id": self.model, "owned_by": "somebody"}]}
        return (200, models) if path == "/v1/models" else None

    def _endpoint(self, path: str) -> tuple[int, Any] | None:
        return None

    # -- working

    def _post(self, path: str, body: Any) -> tuple[int, Any] | None:
        texts = self._texts(path, body)
        for text in texts:
            if text in self.broken:
                return self.broken[text]
        if self.kind == "tei" and len(texts) > self.info["max_client_batch_size"]:
            most = self.info["max_client_batch_size"]
            told = f"batch size {len(texts)} > maximum allowed batch size {most}"
            return 413, {"error": told, "error_type": "Validation"}
        route = {
            "/embed": self._embed,
            "/": self._embed,
            "/similarity": self._similarity,
            "/rerank": self._rerank,
            "/v1/rerank": self._rerank,
            "/v1/embeddings": self._embeddings,
            "/tokenize": self._tokenize,
        }.get(path)
        own = {"/embed", "/similarity", "/rerank"}
        known = {
            "tei": own | {"/tokenize", "/v1/embeddings"},
            "tgi": {"/tokenize"},
            "endpoint": {"/"},
        }.get(self.kind, {"/v1/rerank", "/v1/embeddings", "/tokenize"})
        return route(body, texts) if route is not None and path in known else None

    def _texts(self, path: str, body: Any) -> list[str]:
        if "rerank" in path:
            return list(body.get("texts", body.get("documents", ())))
        inputs = body.get("inputs", body.get("input", ()))
        if isinstance(inputs, dict):
            return [inputs["source_sentence"], *inputs["sentences"]]
        return [inputs] if isinstance(inputs, str) else list(inputs)

    def _embed(self, body: Any, texts: list[str]) -> tuple[int, Any]:
        return 200, [vector(text) for text in texts]

    def _similarity(self, body: Any, texts: list[str]) -> tuple[int, Any]:
        return 200, [overlap(text, texts[0]) for text in texts[1:]]

    def _rerank(self, body: Any, texts: list[str]) -> tuple[int, Any]:
        ranks = [(index, overlap(body["query"], text)) for index, text in enumerate(texts)]
        if self.kind == "tei":
            ranks.sort(key=lambda rank: -rank[1])
            return 200, [{"index": index, "score": score} for index, score in ranks]
        results = [
            {"index": i, "document": {"text": texts[i]}, "relevance_score": score}
            for i, score in ranks
        ]
        return 200, {"id": "rerank-1", "model": self.model, "results": results}

    def _embeddings(self, body: Any, texts: list[str]) -> tuple[int, Any]:
        packed = body.get("encoding_format") == "base64"
        data = []
        for index, text in enumerate(texts):
            row: Any = vector(text)
            if packed:
                row = base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()
            data.append({"object": "embedding", "index": index, "embedding": row})
        counted = sum(len(text.split()) for text in texts)
        usage = {"prompt_tokens": counted, "total_tokens": counted}
        return 200, {"object": "list", "data": data[::-1], "model": self.model, "usage": usage}

    def _tokenize(self, body: Any, texts: list[str]) -> tuple[int, Any]:
        text = texts[0] if texts else body.get("prompt", body.get("content"))
        words, place, spans = text.split(" "), 0, []
        for word in words:
            spans.append((len(word) + 10, word, place, place + len(word)))
            place += len(word) + 1
        if self.kind == "tgi":
            added = [{"id": 1, "text": "<s>", "start": 0, "stop": 0}]
            return 200, added + [
                {"id": i, "text": w, "start": a, "stop": b} for i, w, a, b in spans
            ]
        if self.kind == "tei":
            special = {"id": 0, "text": "<s>", "special": True, "start": None, "stop": None}
            found = [
                {"id": i, "text": w, "special": False, "start": a, "stop": b}
                for i, w, a, b in spans
            ]
            return 200, [([special] if body["add_special_tokens"] else []) + found]
        if self.kind == "vllm":
            return 200, {
                "count": len(spans),
                "max_model_len": 2048,
                "tokens": [number for number, *_ in spans],
                "token_strs": [word for _, word, *_ in spans],
            }
        pieces: list[Any] = [{"id": number, "piece": word} for number, word, *_ in spans]
        return 200, {"tokens": [*pieces, {"id": 9, "piece": [240, 159]}]}
