"""The hooks: questions that several plugins may answer. Implement them with ``ptv_registry.hookimpl`` in a module
named by an entry point of group ``ptv_registry.v1.hooks``. Keep that module light: it is imported at the first call."""

from __future__ import annotations

from typing import Any

import pluggy

hookspec = pluggy.HookspecMarker("ptv_registry")


@hookspec
def ptv_convert(module: Any, target: str, path: str) -> Any:
    """A replacement of ``module`` (found at ``path`` in a model) for a device, or ``None``; every candidate is collected."""


@hookspec(firstresult=True)
def ptv_guess_decoder(uri: str, head: bytes) -> str | None:
    """The name of the decoder that opens a video, judged by its address and first bytes."""


@hookspec(firstresult=True)
def ptv_pushdown(transform: Any, key: str) -> Any:
    """What ``transform`` keeps of the frames in ``sample[key]``: an object with ``select(num_frames) -> list[int]`` and
    ``rest``, the transform to apply to the kept frames, with the same result to the bit; or ``None``."""


@hookspec
def ptv_build_options(spec: Any) -> Any:
    """The names of arguments of :func:`ptv_registry.build` that this plugin answers for, such as ``weights``."""


@hookspec
def ptv_check_plan(plan: Any) -> Any:
    """Why a plan cannot be built: a string, a list of strings, or ``None``."""


@hookspec
def ptv_after_build(obj: Any, plan: Any) -> Any:
    """Called with every built object; what is returned (JSON data) is recorded in its lock, by plugin.

    ``plan.records`` holds what was recorded before, where the object is built from a lock.
    """


@hookspec(firstresult=True)
def ptv_load_weights(model: Any, uri: str, source: str, progress: bool | None) -> Any:
    """Load the weights at an address into a model; return JSON data about them. ``source`` is what messages call them."""


@hookspec
def ptv_describe(plan: Any, topic: str, inputs: Any) -> Any:
    """More about a component for ``ptv show``, such as the topic ``flops``: a dict with ``title``, ``lines`` (texts) and
    ``data`` (JSON), or ``None``. ``inputs`` holds the shapes that the user gave, one a tensor."""


@hookspec
def ptv_add_commands(group: Any) -> None:
    """Add commands to the ``ptv`` command, a :class:`click.Group`."""


@hookspec
def ptv_doctor() -> Any:
    """What this plugin reports about the machine: a dict of names to strings."""
