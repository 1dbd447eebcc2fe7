"""The driver of flows: sends their requests, sleeps their sleeps."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from hfi._concurrency import async_sleep
from hfi._core.failures.line_failure import timeout_error
from hfi._core.failures.waits import Waits
from hfi._core.flows import Sleep
from hfi._telemetry import begin, log_wait
from hfi.errors import HFIError
from hfi.types.meta import CallMeta
from hfi.types.waiting import Waiting

if TYPE_CHECKING:
    from hfi._async.transport import AsyncTransport
    from hfi._core.failures.retry import RetryPolicy
    from hfi._core.flows import Flow, Step
    from hfi._core.request import Request
    from hfi._tracing import Watch
    from hfi.types.settings import Timeout

__all__ = ["drive"]

Result = TypeVar("Result")


async def drive(
    transport: AsyncTransport,
    flow: Flow[Result],
    *,
    timeout: Timeout,
    retry: RetryPolicy,
) -> tuple[Result, CallMeta]:
    """Runs a flow, and gives its result and the facts of all its requests together.

    ``meta`` counts every request sent; its headers, status and URL are those of the last reply.

    Args:
        transport: What sends the requests.
        flow: The flow, not begun.
        timeout: The limits of each request; ``total`` is that of the whole flow.
        retry: What is tried again, for each request; its ``on_wait`` is told of each ``Sleep`` too.

    Raises:
        HFIError: What the flow raises; ``.earlier`` holds the errors that it went on after.
    """
    run = AsyncFlowRun(transport, timeout, retry)
    try:
        step = next(flow)
        while True:
            outcome, error = await run.take(step)
            step = flow.throw(error) if error is not None else flow.send(outcome)
    except StopIteration as end:
        meta = run.meta()
        if run.watch is not None:
            run.watch.made(end.value, meta)
        return end.value, meta
    except BaseException as failure:
        if isinstance(failure, HFIError):
            run.add_earlier(failure)
        if run.watch is not None:
            run.watch.failed(failure)
        raise
    finally:
        flow.close()
        run.waits.over()


class AsyncFlowRun:
    """One run of a flow: its clock, and what became of its requests."""

    def __init__(
        self,
        transport: AsyncTransport,
        timeout: Timeout,
        retry: RetryPolicy,
    ) -> None:
        self._transport = transport
        self._timeout = timeout
        self._retry = retry
        self._started = monotonic()
        self._slept = 0.0
        self._last: Request | None = None
        self._errors: list[HFIError] = []
        self._metas: list[CallMeta] = []
        self.waits = Waits(retry.on_wait)
        self.watch: Watch | None = None

    async def take(self, step: Step) -> tuple[Any, HFIError | None]:
        """Does one step: what to send into the flow, or what to throw into it."""
        try:
            if isinstance(step, Sleep):
                return await self._sleep(step), None
            return await self._send(step), None
        except HFIError as error:
            self._errors.append(error)
            return None, error

    async def _sleep(self, step: Sleep) -> float:
        left = self._left()
        if left is not None and step.seconds >= left:
            raise timeout_error("total", self._timeout.total, self._last)
        waiting = Waiting(
            reason="queue", seconds=step.seconds, waited=self._slept, told=step.progress
        )
        log_wait(waiting)
        self.waits.begin(waiting)
        self._slept += step.seconds
        await async_sleep(step.seconds)
        return monotonic() - self._started

    async def _send(self, request: Request) -> Any:
        if self._last is None:
            self.watch = begin(request)
        self._last, left = request, self._left()
        if left is not None and left <= 0:
            raise timeout_error("total", self._timeout.total, request)
        timeout = attrs.evolve(self._timeout, total=left)
        response, meta = await self._transport.send(
            request, timeout=timeout, retry=self._retry, traced=False
        )
        self._metas.append(meta)
        return response

    def _left(self) -> float | None:
        total = self._timeout.total
        return None if total is None else total - (monotonic() - self._started)

    def meta(self) -> CallMeta:
        """The facts of all requests together."""
        last = self._metas[-1] if self._metas else CallMeta(attempts=0)
        return attrs.evolve(
            last,
            attempts=sum(meta.attempts for meta in self._metas)
            + sum(len(error.earlier) + 1 for error in self._errors),
            earlier=(*self._flat(), *(each for meta in self._metas for each in meta.earlier)),
            total=monotonic() - self._started,
        )

    def add_earlier(self, failure: HFIError) -> None:
        """Adds to the error that ends a flow those that did not."""
        self._errors = [error for error in self._errors if error is not failure]
        failure.earlier = (*self._flat(), *failure.earlier)

    def _flat(self) -> list[HFIError]:
        errors = [each for error in self._errors for each in (*error.earlier, error)]
        for each in errors:
            each.__traceback__ = None  # its frames hold requests and replies
        return errors
