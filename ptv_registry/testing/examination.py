"""The checks of a component or distribution, run in order, each once; what would repeat another failure is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ptv_registry.testing.subject import Broken, NotApplicable


class _Check(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def run(self) -> Callable[[Any], None]: ...


class Examination:
    """What became of the checks of one thing.

    Args:
        subject: what is checked.
        checks: in an order in which each comes after those that it needs.
    """

    def __init__(self, subject: Any, checks: Sequence[_Check]) -> None:
        self._subject = subject
        self._checks = {check.name: check for check in checks}
        self._outcomes: dict[str, Broken | NotApplicable | None] = {}

    def outcome(self, name: str) -> Broken | NotApplicable | None:
        """What a check says; ``None`` if all is well."""
        if name not in self._outcomes:
            self._outcomes[name] = self._run(self._checks[name])
        return self._outcomes[name]

    def _run(self, check: _Check) -> Broken | NotApplicable | None:
        for needed in check.needs:
            if (before := self.outcome(needed)) is not None:
                why = f": {before}" if isinstance(before, NotApplicable) else " not"
                return NotApplicable(f"it {needed.replace('_', ' ')}{why}")
        try:
            check.run(self._subject)
        except (Broken, NotApplicable) as outcome:
            return outcome
        return None
