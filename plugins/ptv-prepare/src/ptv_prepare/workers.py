"""Tasks in parallel processes, each isolated: one that hangs or crashes is a failure, not the end of the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Protocol, TypeVar

from ptv_datasets import Failure
from ptv_prepare.errors import OutputError, WorkerError


class HasSource(Protocol):
    """A task; ``source`` is the path that a failure names."""

    @property
    def source(self) -> str:
        """The path."""


Alive = Callable[[], None]
T = TypeVar("T", bound=HasSource)

_HEARTBEAT_S: Final = 0.2


def default_jobs() -> int:
    """As many as there are CPUs for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def perform(
    function: Callable[[T, Alive], Any], tasks: Sequence[T], *, jobs: int, timeout_s: float | None = None
) -> Generator[tuple[T, Any], None, None]:
    """Yields each task with the function's result, or with a :class:`Failure`, in the order in which they end.

    The processes are spawned, so a script that calls this does so under ``if __name__ == "__main__":``. They are ended
    when the generator is closed.

    Args:
        function: importable; called with a task and a function to call now and then as a sign of life.
        tasks: picklable.
        jobs: processes; 0 works in this process, where nothing can be done about hangs and crashes.
        timeout_s: seconds without a sign of life after which a task has failed; None waits forever.

    Raises:
        OutputError: the function raised it.
        WorkerError: the processes do not start.
    """
    if not jobs:
        for task in tasks:
            kind, value = _attempt(function, task, lambda: None)
            if kind == "fatal":
                raise value
            yield task, value
        return
    waiting = list(reversed(tasks))
    workers = [_Worker(function) for _ in range(min(jobs, len(tasks)))]
    try:
        while waiting or any(worker.task is not None for worker in workers):
            wait([worker.connection for worker in workers], _patience(workers, timeout_s))
            for worker in list(workers):
                ended = worker.listen(timeout_s)
                if ended is not None:
                    yield ended
                if worker.task is None and worker.ready:
                    if waiting and worker.process is not None:
                        worker.give(waiting.pop())
                        continue
                    workers.remove(worker)
                    worker.end()
                    if waiting:
                        workers.append(_Worker(function))
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """One process, and the task that it has."""

    def __init__(self, function: Callable[..., Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, remote = context.Pipe()
        self.process: Any = context.Process(target=_serve, args=(remote, function), daemon=True)
        with _interrupts_blocked():
            self.process.start()
        remote.close()
        self.ready = False
        self.task: Any = None
        self.last_sign = time.monotonic()

    def give(self, task: Any) -> None:
        self.task, self.last_sign = task, time.monotonic()
        with suppress(OSError):  # if it died while idle, the connection will say so
            self.connection.send(task)

    def listen(self, timeout_s: float | None) -> tuple[Any, Any] | None:
        """The task and its result, if it has ended by now."""
        try:
            while self.connection.poll():
                kind, value = self.connection.recv()
                self.last_sign = time.monotonic()
                self.ready = True
                if kind == "fatal":
                    raise value
                if kind == "done":
                    task, self.task = self.task, None
                    return task, value
        except (EOFError, ConnectionResetError):
            return self._crashed()
        if self.task is not None and timeout_s is not None and time.monotonic() - self.last_sign > timeout_s:
            return self._lost(f"no progress for {timeout_s:g} s", "TimeoutError")
        return None

    def _crashed(self) -> tuple[Any, Any]:
        self.process.join(5)
        code = self.process.exitcode
        how = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit status {code}"
        if not self.ready:
            raise WorkerError(
                f"the worker processes do not start ({how}); call this under `if __name__ == '__main__':`, or give jobs=0"
            )
        return self._lost(f"the process that read it ended with {how}", "ProcessCrash")

    def _lost(self, message: str, error: str) -> tuple[Any, Any]:
        task, self.task = self.task, None
        self.end()
        return task, Failure(task.source, error, message)

    def end(self) -> None:
        """Ends the process, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process.close()
            self.process = None
            self.connection.close()


def _patience(workers: Sequence[_Worker], timeout_s: float | None) -> float | None:
    busy = [worker.last_sign for worker in workers if worker.task is not None]
    if timeout_s is None or not busy:
        return None
    return max(0.0, min(busy) + timeout_s - time.monotonic()) + 0.01


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """What starts in here never sees Ctrl-C, which goes to all processes of a terminal; the parent ends it instead."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting the tracker unblocks the signal, so it must be there before the first worker starts.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, function: Callable[[Any, Alive], Any]) -> None:
    last = time.monotonic()

    def alive() -> None:
        nonlocal last
        if time.monotonic() - last > _HEARTBEAT_S:
            connection.send(("alive", None))
            last = time.monotonic()

    try:
        connection.send(("ready", None))
        while True:
            task = connection.recv()
            connection.send(_attempt(function, task, alive))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the parent is gone


def _attempt(function: Callable[[Any, Alive], Any], task: Any, alive: Alive) -> tuple[str, Any]:
    try:
        return "done", function(task, alive)
    except OutputError as error:
        return "fatal", error
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a file makes FFmpeg do, it is that file that is broken
        return "done", Failure.of(task.source, error)
