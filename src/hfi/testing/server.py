"""A server on loopback that speaks Hugging Face's protocols, and misbehaves on order."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Literal

import attrs

from hfi.testing.answers import Answer, steps_of
from hfi.testing.connections import ClientGoneError, Connection
from hfi.testing.faults import DropReused, Fault, Redirect, Refuse
from hfi.testing.replies import PROTOCOLS, Protocol, Reply, as_json
from hfi.testing.requests import ReceivedRequest

__all__ = ["FakeServer", "Faults", "Replies"]

Replies = str | Reply | Sequence[str | Reply] | Callable[[ReceivedRequest], str | Reply]
Faults = Fault | Iterable[Fault | None] | Callable[[ReceivedRequest], Fault | None] | None

_JSON = ("Content-Type", "application/json")
# By the end of the path, the most telling first.
_ROUTES = (
    ("/chat/completions", "chat"),
    ("/completions", "completions"),
    ("/completion", "llama.cpp"),
    ("/generate", "tgi"),
    ("/generate_stream", "tgi"),
)


class FakeServer:
    """A server for tests, in threads of its own; a context manager.

    It answers chats (``/v1/chat/completions``), text generation (TGI's ``/``, ``/generate`` and
    ``/generate_stream``, OpenAI's ``/v1/completions``, llama.cpp's ``/completion``), and questions
    about itself (``/info``, ``/props``, ``/v1/models``, ``/health``). ``Reply(body=...)`` answers
    all other tasks.

    ::

        with FakeServer("Hello there") as server, Client(base_url=server.url) as client:
            assert client.chat("Hi").text == "Hello there"
            assert server.requests[0].json["messages"]

    Attributes:
        requests: The requests that came, in order.
        connections: How many connections were accepted.
        errors: What went wrong in the server itself, a reply's callable that raised, say.
    """

    def __init__(
        self,
        replies: Replies = "Hello from a fake server.",
        *,
        faults: Faults = None,
        kind: Literal["tgi", "llama.cpp", "openai"] = "tgi",
        model: str = "fake/model",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepares a server; it listens once it is started or entered.

        Args:
            replies: What it says: one text or ``Reply`` for all requests, a sequence (one each,
                the last one for all further ones), or a function of the ``ReceivedRequest``, such
                as ``echo``.
            faults: One fault for every request for an inference, one after the other, or a
                function of the request, of which only the head has been read then.
            kind: What it says it is when it is asked.
            model: The model it says it has.
            tls: Makes it an https server.
        """
        self.requests: list[ReceivedRequest] = []
        self.connections = 0
        self.errors: list[BaseException] = []
        self._kind = kind
        self._model = model
        self._tls = tls
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._open: dict[Connection, threading.Thread] = {}
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._next_replies: deque[str | Reply] = deque()
        self._reply_to = self._reader(replies)
        self.faults = faults

    # -- what users ask of it ----------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Its address, for ``base_url=``."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._listener is None:
            raise RuntimeError("The server is not running: use it in a with block, or start() it.")
        return int(self._listener.getsockname()[1])

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        with self._lock:
            return len(self._open)

    @property
    def calls(self) -> list[ReceivedRequest]:
        """The requests for an inference, without the questions about the server."""
        return [request for request in self.requests if self._is_call(request)]

    @property
    def faults(self) -> Faults:
        """The faults still to come; assigning to it takes effect with the next request."""
        return self._choose or self._always or list(self._faults)

    @faults.setter
    def faults(self, faults: Faults) -> None:
        always = faults if isinstance(faults, Fault) else None
        choose = faults if callable(faults) else None
        listed = () if isinstance(faults, Fault) or callable(faults) else tuple(faults or ())
        with self._lock:
            self._always: Fault | None = always
            self._choose: Callable[[ReceivedRequest], Fault | None] | None = choose
            self._faults: deque[Fault | None] = deque(listed)

    def start(self) -> FakeServer:
        """Begins to listen, on a free port of loopback."""
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.bind(("127.0.0.1", 0))
        if isinstance(self._always, Refuse):
            return self  # the port is ours, and nobody listens there
        self._listener.listen(512)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def close(self) -> None:
        """Ends every connection and thread; twice is fine."""
        self._stop.set()
        listener, accepting = self._listener, self._accepting
        if listener is None:
            return
        if accepting is not None and accepting.is_alive():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            accepting.join(5)
        listener.close()
        self._listener = None
        with self._lock:
            threads = dict(self._open)
        for connection in threads:
            connection.close()
        for thread in threads.values():
            thread.join(5)

    def __enter__(self) -> FakeServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        where = "closed" if self._listener is None else self.url
        return f"<FakeServer {where}, {len(self.requests)} requests>"

    # -- connections -------------------------------------------------------------------------------

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if self._stop.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                connection = Connection(sock, self.connections, self._stop)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._open[connection] = thread
            thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            with contextlib.suppress(ClientGoneError):
                self._converse(connection)
        except Exception as error:  # noqa: BLE001, RUF100 - shown to the test, which has no frame here
            self.errors.append(error)
        finally:
            connection.free()
            with self._lock:
                self._open.pop(connection, None)

    def _converse(self, connection: Connection) -> None:
        fault = self._next_fault(None)
        if fault is not None:
            connection.run(fault.send(()))
            return
        if self._tls is not None:
            try:
                connection.encrypt(self._tls)
            except OSError:  # the client did not like the certificate
                return
        while (request := connection.read_head()) is not None:
            fault = self._next_fault(request) if self._is_call(request) else None
            if isinstance(fault, DropReused):
                if connection.answered:
                    self.requests.append(request)
                    return
                fault = None
            if fault is None or not fault.early:
                request = attrs.evolve(request, body=connection.read_body(request))
            self.requests.append(request)
            answer = self._answer(request)
            if fault is None:
                if not connection.run(steps_of(answer)):
                    return
                continue
            answer = fault.change(answer)
            if isinstance(fault, Redirect):
                pairs = [(n, v.replace("{target}", request.target)) for n, v in answer.headers]
                answer = attrs.evolve(answer, headers=pairs)
            if not connection.run(fault.send(steps_of(answer))):
                return

    def _is_call(self, request: ReceivedRequest) -> bool:
        """Whether it is a request for an inference, on which faults show."""
        return request.method == "POST"

    def _next_fault(self, request: ReceivedRequest | None) -> Fault | None:
        """The fault of a request, or of a connection that was just accepted."""
        at_connect = request is None
        if self._choose is not None:
            return None if request is None else self._choose(request)
        with self._lock:
            if self._always is not None:
                return self._always if self._always.at_connect == at_connect else None
            if not self._faults:
                return None
            first = self._faults[0]
            if (first is not None and first.at_connect) != at_connect:
                return None
            return self._faults.popleft()

    # -- answers -----------------------------------------------------------------------------------

    def _answer(self, request: ReceivedRequest) -> Answer:
        if request.method in ("GET", "HEAD"):
            return self._about_itself(request.path)
        protocol = self._protocol(request.path)
        if protocol is None or request.method != "POST":
            return _json(404, {"error": "Not Found", "error_type": "not_found"})
        reply = self._reply_to(request)
        reply = Reply(reply) if isinstance(reply, str) else reply
        if reply.body is not None or not request.wants_stream:
            body = reply.body
            if body is None:
                body = protocol.whole(reply, self._model)
                # TGI answers at its root with a list of one.
                if protocol.name == "tgi" and not request.path.endswith("/generate"):
                    body = [body]
            answer = _json(200, body)
            return attrs.evolve(answer, waits=(reply.first_token,) if reply.first_token else ())
        parts = protocol.stream(reply, self._model, request)
        timed = reply.first_token or reply.token_delay
        return Answer(
            headers=[("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")],
            parts=parts,
            waits=(reply.first_token, reply.token_delay) if timed else (),
            framing="chunked",
            stream=True,
        )

    def _protocol(self, path: str) -> Protocol | None:
        for ending, name in _ROUTES:
            if path.endswith(ending):
                return PROTOCOLS[name]
        return PROTOCOLS["tgi"] if self._kind == "tgi" else None

    def _about_itself(self, path: str) -> Answer:
        model = {"id": self._model, "object": "model", "created": 0, "owned_by": self._model}
        known: dict[str, Any] = {
            "/": {},
            "/health": {"status": "ok"},
            "/v1/models": {"object": "list", "data": [model]},
        }
        if self._kind == "tgi":
            known["/info"] = {
                "model_id": self._model,
                "model_pipeline_tag": "text-generation",
                "max_input_tokens": 4095,
                "max_total_tokens": 4096,
                "router": "text-generation-router",
                "version": "3.3.6",
            }
        elif self._kind == "llama.cpp":
            known["/props"] = {
                "default_generation_settings": {"n_ctx": 4096},
                "model_alias": self._model,
                "total_slots": 1,
            }
        if path in known:
            return _json(200, known[path])
        return _json(404, {"error": "Not Found", "error_type": "not_found"})

    def _reader(self, replies: Replies) -> Callable[[ReceivedRequest], str | Reply]:
        if callable(replies):
            return replies
        if isinstance(replies, (str, Reply)):
            return lambda _: replies
        self._next_replies.extend(replies)

        def next_reply(_: ReceivedRequest) -> str | Reply:
            with self._lock:
                if len(self._next_replies) > 1:
                    return self._next_replies.popleft()
                return self._next_replies[0] if self._next_replies else ""

        return next_reply


def _json(status: int, body: Any) -> Answer:
    return Answer(status=status, headers=[_JSON], parts=[as_json(body)])
