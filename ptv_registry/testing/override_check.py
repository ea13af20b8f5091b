"""That what a spec gives for all parts of a kind reaches each of them."""

from __future__ import annotations

from ptv_registry import Registry, Spec
from ptv_registry.contracts import contract_of, providers
from ptv_registry.errors import ArgumentError
from ptv_registry.testing.subject import Broken, NotApplicable, Subject


def let_overrides_through(subject: Subject) -> None:
    """Gives a probe of each kind whose slots a component has, and looks for parts that are not made by it."""
    sample = subject.trial.sample
    node = subject.factory(sample).node  # type: ignore[attr-defined]
    kinds = {
        p.slot.kind
        for n in node.walk()
        for p in n.signature.parameters.values()
        if p.slot and p.slot.kind in providers()
    }
    shown = False
    for kind in sorted(kinds - {subject.entry.kind}):
        probe = contract_of(kind).probe
        if probe is None:
            continue
        made = probe.make()
        registry = Registry()
        registry.register(kind, "probe")(made)
        try:
            factory = subject.factory(sample, registry, **{kind: Spec("probe")})
        except ArgumentError as error:
            if "reaches nothing" in str(error):
                continue
            raise Broken(f"{subject.key} does not take {kind}=: {error}") from error
        shown = True
        escaped = probe.escaped(subject.made(factory, sample), made)
        if escaped:
            raise Broken(
                f"{kind}= does not reach {', '.join(escaped[:5])} in {subject.key}; make it through a parameter with a slot of "
                f"kind {kind}, and pass that on"
            )
    if not shown:
        raise NotApplicable("no part of it can be replaced by a probe")
