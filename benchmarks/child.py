"""One measurement in a process: ``python -m benchmarks.child WORK CLIENT SIZE COUNT PORT``.

Prints a number: microseconds of CPU time for each chunk or call (threads and kernel included), or
bytes for each open stream.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = "http://127.0.0.1"
ANSWER_AFTER = 30  # milliseconds that the server takes where many calls shall be in flight at once


def each(spent: float, count: int) -> float:
    """Microseconds for each."""
    return spent / count * 1e6


def resident() -> int:
    """Bytes of memory that are in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def check(text: str) -> None:
    """A client that answers something else is not what is to be measured."""
    if not text.startswith("It is raining"):
        raise SystemExit(f"not the answer: {text[:100]!r}")


class Plain:
    """The works of the synchronous clients."""

    def __init__(self, client: Any, port: int) -> None:
        self.make: Callable[[str], Any] = client.Sync
        self.port = port

    def chunks(self, mode: str, size: int, count: int) -> float:
        """Streams of ``size`` chunks, ``count`` of them."""
        client = self.make(f"{HERE}:{self.port}/{mode}/{size}/v1")
        client.stream()
        start = time.process_time()
        got = sum(client.stream() for _ in range(count))
        spent = time.process_time() - start
        client.close()
        if abs(got - size * count) > count:  # the last, empty one may be kept back
            raise SystemExit(f"{got} chunks of {size * count}")
        return each(spent, size * count)

    def calls(self, threads: int, count: int) -> float:
        """Calls by so many threads on one client."""
        client = self.make(f"{HERE}:{self.port}/after/{0 if threads == 1 else ANSWER_AFTER}/v1")

        def work(number: int) -> None:
            for _ in range(number):
                check(client.call())

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [2] * threads))
            start = time.process_time()
            list(pool.map(work, [count // threads] * threads))
            spent = time.process_time() - start
        client.close()
        return each(spent, count // threads * threads)


class Looped:
    """The works of the asynchronous clients."""

    def __init__(self, client: Any, port: int) -> None:
        self.make: Callable[[str], Any] = client.Async
        self.port = port

    def chunks(self, mode: str, size: int, count: int) -> float:
        """Streams of ``size`` chunks, ``count`` of them."""

        async def main() -> float:
            client = self.make(f"{HERE}:{self.port}/{mode}/{size}/v1")
            await client.stream()
            start, got = time.process_time(), 0
            for _ in range(count):
                got += await client.stream()
            spent = time.process_time() - start
            await client.close()
            if abs(got - size * count) > count:
                raise SystemExit(f"{got} chunks of {size * count}")
            return each(spent, size * count)

        return asyncio.run(main())

    def calls(self, tasks: int, count: int) -> float:
        """Calls, so many in flight at once."""

        async def main() -> float:
            delay = 0 if tasks == 1 else ANSWER_AFTER
            client = self.make(f"{HERE}:{self.port}/after/{delay}/v1")
            todo: Iterator[int] = iter(range(2 * tasks if tasks < 500 else tasks))

            async def work() -> None:
                for _ in todo:
                    check(await client.call())

            await asyncio.gather(*(work() for _ in range(tasks)))
            todo = iter(range(count))
            start = time.process_time()
            await asyncio.gather(*(work() for _ in range(tasks)))
            spent = time.process_time() - start
            await client.close()
            return each(spent, count)

        return asyncio.run(main())

    def memory(self, streams: int) -> float:
        """Bytes for each stream that is open and has given a chunk."""

        async def main() -> float:
            client = self.make(f"{HERE}:{self.port}/held/2/v1")
            held = [await client.hold() for _ in range(20)]
            gc.collect()
            before = resident()
            for start in range(0, streams, 50):
                batch = (client.hold() for _ in range(min(50, streams - start)))
                held += await asyncio.gather(*batch)
            gc.collect()
            return (resident() - before) / streams

        return asyncio.run(main())


def main() -> None:
    """Measures what the arguments say."""
    work, name, size, count, port = sys.argv[1:6]
    client = importlib.import_module(f"benchmarks.clients.{name}")
    kind, _, colour = work.partition("-")
    bench: Any = Plain(client, int(port)) if colour == "sync" else Looped(client, int(port))
    gc.collect()
    gc.freeze()
    if kind in ("burst", "paced"):
        print(bench.chunks(kind, int(size), int(count)))
    elif kind == "calls":
        print(bench.calls(int(size), int(count)))
    else:
        print(bench.memory(int(size)))


if __name__ == "__main__":
    # Not main() of a loop that waits for what it holds open: the process ends, and all with it.
    main()
    sys.stdout.flush()
    import os

    os._exit(0)
