"""How plans, factories and what built objects remember are pickled: by their locks, so that no code is in the pickle."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from typing import Any

from ptv_registry import _registry
from ptv_registry._built import Built, Parts
from ptv_registry._factory import Factory
from ptv_registry._lock import node_from_json, node_to_json, read, to_plan, to_text
from ptv_registry._plan import Plan
from ptv_registry.errors import UnfreezableError


def _reduce_plan(plan: Plan) -> tuple[Any, ...]:
    return plan_from, (to_text(plan),)


def plan_from(lock: str) -> Plan:
    """A plan out of a pickle."""
    return to_plan(read(lock), _registry.default, strict=False)


def _reduce_factory(factory: Factory) -> tuple[Any, ...]:
    return factory_from, (node_to_json(factory.node),)


def factory_from(record: Mapping[str, Any]) -> Factory:
    """A factory out of a pickle."""
    return Factory(node_from_json(record, _registry.default))


def _reduce_built(built: Built) -> tuple[Any, ...]:
    if built.plan is None:
        return built_from, (built.lock, built.reason, dict(built.parts))
    try:
        return built_from, (to_text(built.plan), "", dict(built.parts))
    except UnfreezableError as error:
        return built_from, ("", error.message, {})


def built_from(lock: str, reason: str, parts: Parts) -> Built:
    """What a built object remembers, out of a pickle."""
    return Built(None, parts, lock, reason)


copyreg.pickle(Plan, _reduce_plan)
copyreg.pickle(Factory, _reduce_factory)
copyreg.pickle(Built, _reduce_built)
