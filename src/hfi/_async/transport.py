"""Requests out, replies in: attempts, redirects, tokens, time limits, and errors of ours alone."""

from __future__ import annotations

from functools import lru_cache
from os import urandom
from random import random
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.pool import AsyncPool
from hfi._async.reply import AsyncReply
from hfi._concurrency import async_pause, async_to_thread
from hfi._core.failures.attempts import Attempts
from hfi._core.failures.waits import Waits
from hfi._core.line.deadline import CallClock
from hfi._core.line.engines import Engine, check_engine
from hfi._core.line.outgoing import Outgoing, plain_address, wire_headers
from hfi._core.line.redirects import redirected
from hfi._core.line.sending import bare_url, cleaned, needs_token, outgoing_headers
from hfi._core.observe.hooks import Hooks, seen_request, seen_response
from hfi._core.request import Response
from hfi._network.engines import require_fast
from hfi._network.failures import cause_of, is_line_failure, line_error, without_frames
from hfi._telemetry import begin, log_failure, log_reply, log_request, log_wait
from hfi.errors import ClientClosedError, ConfigurationError, HFIError
from hfi.types.changing import changed
from hfi.types.meta import CallMeta

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hfi._core.failures.retry import RetryPolicy
    from hfi._core.line.closing import Closing
    from hfi._core.line.outgoing import Address
    from hfi._core.request import Request
    from hfi._network.security import Verify
    from hfi.types.settings import Limits, Timeout
    from hfi.types.waiting import Waiting

__all__ = ["AsyncReply", "AsyncTransport"]

MAX_BODY = 512 << 20  # bytes of a whole reply, inflated; videos are the largest


class AsyncTransport:
    """Sends requests; making one opens no connection and needs no event loop.

    Args:
        limits: Bounds of the connection pool.
        proxy: The URL of a proxy; None follows the environment.
        verify: Whether to verify certificates, the path of a CA bundle, or an SSL context.
        user_agent: The User-Agent header.
        engine: ``"auto"``, ``"default"`` or ``"fast"``.
        transport: An httpx transport in place of the connection pool. The call's time limits then
            hold for its single operations only.
        event_hooks: Functions by the names ``request``, called with each ``Request`` before it is
            sent, and ``response``, called with the ``Response`` of each attempt, its body left out.
            Secrets are masked in both. What a function raises ends the call.

    Raises:
        ConfigurationError: A proxy, engine, transport or hook that cannot be used.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        proxy: str | None = None,
        verify: Verify = True,
        user_agent: str,
        engine: str = "auto",
        transport: Any = None,
        event_hooks: Mapping[str, Sequence[Callable[..., Any]]] | None = None,
    ) -> None:
        check_engine(engine, transport=transport is not None)
        if engine == "fast":
            require_fast()
        if transport is not None and not hasattr(transport, "handle_async_request"):
            raise ConfigurationError(
                f"The transport {type(transport).__name__} has no handle_async_request.",
                hint="httpx has a class of transports for each kind of client.",
            )
        self._hooks = Hooks.of(event_hooks)
        self._user_agent = user_agent
        self._limits = limits
        self._http: Any
        if transport is None:
            self._http = AsyncPool(limits=limits, proxy=proxy, verify=verify, engine=engine)
        else:
            from hfi._async.foreign import AsyncForeignLine

            self._http = AsyncForeignLine(transport, pool_wait=limits.wait)
        self._closed = False

    async def send(
        self,
        request: Request,
        *,
        timeout: Timeout,
        retry: RetryPolicy,
        traced: bool = True,
        read: Callable[[Response], Any] | None = None,
    ) -> tuple[Response, CallMeta]:
        """The whole reply, and how it came about.

        Args:
            request: What to send.
            timeout: The limits of the call, all its attempts together.
            retry: What is tried again, and how long a model that is being loaded is waited for.
            traced: Whether the request is a call of its own, with a span of its own.
            read: Reads the reply, into its ``answer``; an error that it finds there counts as the
                attempt's.

        Raises:
            APIStatusError: The reply's status is not a success.
            APIConnectionError: There was no whole reply, or not in time.
            ResponseError: The reply is too large, or not encoded as it says.
        """
        call = AsyncCall(self, request, timeout, retry, read)
        whole: tuple[Response, CallMeta]
        watch = begin(request) if traced else None
        if watch is None:
            whole = await call.attempts(call.whole)
            return whole
        with watch:
            whole = await call.attempts(call.whole)
        watch.replied(*whole)
        return whole

    async def open(
        self,
        request: Request,
        *,
        timeout: Timeout,
        retry: RetryPolicy,
        closing: Closing | None = None,
    ) -> AsyncReply:
        """A reply with a success status, whose body is read piece by piece; its reader closes it.

        The arguments are those of ``send``, and the closing of the stream that it is for.

        Raises:
            APIStatusError: The reply's status is not a success; its body has been read then.
            APIConnectionError: There was no reply, or not in time.
        """
        call = AsyncCall(self, request, timeout, retry)
        call.clock.closing = closing
        reply: AsyncReply
        watch = begin(request)
        if watch is None:
            reply = await call.attempts(call.reply)
            return reply
        with watch:
            reply = await call.attempts(call.reply)
        reply.watch = watch
        return reply

    async def aclose(self) -> None:
        """Closes the connections; replies that are being read stay whole. Twice is fine."""
        if not self._closed:
            self._closed = True
            await self._http.aclose()

    def engine_for(self, url: str) -> Engine:
        """The engine that a request to this URL goes over, and why."""
        if not isinstance(self._http, AsyncPool):
            return Engine("transport", "it was given to the client")
        return self._http.engine_for(_address(url))

    async def exchange(self, request: Request, clock: CallClock) -> AsyncReply:
        """One request as it stands, and the head of its reply."""
        if self._closed:
            raise ClientClosedError("The client is closed.", hint="Make a new one for this call.")
        if self._hooks.request:
            seen = seen_request(request)
            for hook in self._hooks.request:
                hook(seen)
        log_request(request)
        clock.begin(monotonic())
        try:
            response = await self._http.send(self._outgoing(request, clock))
        except Exception as error:
            if not is_line_failure(error):
                raise
            failure = line_error(error, request, clock, pool_wait=self._limits.wait)
            raise failure from cause_of(error)
        reply = AsyncReply(response, request, clock)
        if self._hooks.response:
            try:
                answered = seen_response(request, reply.status_code, reply.headers)
                for hook in self._hooks.response:
                    hook(answered)
            except BaseException:
                await reply.aclose()
                raise
        return reply

    def _outgoing(self, request: Request, clock: CallClock) -> Outgoing:
        address = _address(request.url)
        return Outgoing(
            method=request.method,
            url=request.url,
            address=address,
            # Not a local variable: tools that print tracebacks print those too.
            headers=wire_headers(
                outgoing_headers(
                    request,
                    user_agent=self._user_agent,
                    credential=request.credential if needs_token(request) else None,
                ),
                address,
                request.method,
                request.content,
            ),
            content=request.content,
            clock=clock,
        )


class AsyncCall:
    """One call: its attempts, and what they have in common."""

    def __init__(
        self,
        transport: AsyncTransport,
        request: Request,
        timeout: Timeout,
        retry: RetryPolicy,
        read: Callable[[Response], Any] | None = None,
    ) -> None:
        if request.method == "POST":
            request = changed(request, idempotency_key=urandom(16).hex())
        self._read = read
        self._transport = transport
        self._request = request
        self._waits = Waits(retry.on_wait)
        self.clock = CallClock(timeout, monotonic())
        # A callable may give a better token the second time.
        credential = request.credential if needs_token(request) else None
        self._attempts = Attempts(
            retry,
            deadline=timeout.total,
            may_renew=credential is not None and callable(credential.value),
        )

    async def attempts(self, once: Callable[[], Any], waiting: Waiting | None = None) -> Any:
        """Tries until it works or the policy gives up, after a first wait if there is one."""
        try:
            while True:
                if waiting is not None:
                    await self._wait(waiting)
                try:
                    return await once()
                except HFIError as error:
                    waiting = None if self._is_unwanted() else self._after(error)
                    if waiting is None:
                        raise
        finally:
            self._waits.over()

    async def again(self, error: HFIError) -> AsyncReply | None:
        """Another attempt, after a reply that failed before anything of it was handed out.

        None where there is to be none.
        """
        waiting = self._after(error)
        if waiting is None:
            return None
        reply: AsyncReply = await self.attempts(self.reply, waiting)
        return reply

    def _after(self, error: HFIError) -> Waiting | None:
        """The wait before the next attempt, or None to give up."""
        waiting = self._attempts.next(
            error,
            elapsed=monotonic() - self.clock.started_at,
            jitter=random(),  # noqa: S311 - it spreads clients, it keeps no secret
        )
        if waiting is None:
            log_failure(self._request, error)
            return None
        log_wait(waiting, attempt=len(self._attempts.earlier))
        without_frames(error)
        return waiting

    async def _wait(self, waiting: Waiting) -> None:
        self._waits.begin(waiting)
        if waiting.reason == "loading":
            self.clock.extend(waiting.seconds)
        await async_pause(waiting.seconds, self._is_unwanted)

    def _is_unwanted(self) -> bool:
        """Whether the stream that the call is made for was closed."""
        return self.clock.closing is not None and self.clock.closing.asked()

    async def reply(self) -> AsyncReply:
        """One attempt, redirects included; a success whose body is not read yet."""
        request, hops = await self._with_token(), 0
        while True:
            started = monotonic()
            reply = await self._transport.exchange(request, self.clock)
            log_reply(
                request,
                reply.status_code,
                reply.headers,
                seconds=monotonic() - started,
                attempt=len(self._attempts.earlier) + 1,
            )
            try:
                target = redirected(request, reply.status_code, reply.headers, hops=hops)
                if target is None and not 200 <= reply.status_code < 300:
                    raise await reply.error()
            except BaseException:
                await reply.aclose()
                raise
            if target is None:
                break
            await reply.finish()  # its connection is mostly the next one's too
            request, hops = target, hops + 1
        reply.facts = CallMeta(
            attempts=len(self._attempts.earlier) + 1,
            earlier=self._attempts.earlier,
            status_code=reply.status_code,
            headers=reply.headers,
            url=bare_url(request.url),
        )
        reply.call = self
        return reply

    async def whole(self) -> tuple[Response, CallMeta]:
        """One attempt; a success with its body."""
        reply = await self.reply()
        content = await reply.whole(self._request.limit or MAX_BODY)
        response = Response(
            status_code=reply.status_code,
            headers=reply.headers,
            content=content,
            url=reply.facts.url or "",
        )
        if self._read is not None:
            response = changed(response, answer=self._read(response))
        return response, reply.meta

    async def _with_token(self) -> Request:
        """The request with the token of this attempt."""
        credential = self._request.credential
        if credential is None or not needs_token(self._request):
            return self._request
        if callable(credential.value):
            # Never a variable of its own: tools that print tracebacks print those too.
            credential = attrs.evolve(credential, value=await async_to_thread(credential.value))
        return changed(self._request, credential=cleaned(credential))


@lru_cache(maxsize=64)  # a client asks few addresses often
def _address(url: str) -> Address:
    address = plain_address(url)
    if address is None:
        from hfi._async.foreign import parsed_address

        address = parsed_address(url)
    return address
