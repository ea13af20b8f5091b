"""The commands that the kernel brings: ``list show plan build freeze verify doctor new-plugin``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ptv_registry.cli._group import ptv
from ptv_registry.cli.options import (
    ComponentName,
    KindName,
    json_option,
    kind_option,
    read_edits,
    read_spec,
    set_option,
)
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text

_SPEC = ComponentName()


def _plan(spec: str, kind: str, edits: tuple[str, ...]) -> Any:
    from ptv_registry import resolve

    return resolve(read_spec(spec), kind=kind, set=read_edits(edits))


@ptv.command("list")
@click.argument("kind", required=False, type=KindName())
@json_option
@click.option("--search", metavar="TEXT", help="Only those with this text in their name, meaning or distribution.")
def list_components(kind: str | None, as_json: bool, search: str | None) -> None:
    """List the installed components of KIND, or of every kind, with a line about each; imports none of them."""
    from ptv_registry import default_registry

    registry, wanted = default_registry(), (search or "").lower()
    rows = [
        row
        for row in registry.components(kind)
        if not wanted or wanted in f"{row.name} {row.dist or ''} {row.meaning}".lower()
    ]
    if as_json:
        fields = ("kind", "name", "dist", "version", "value", "status", "meaning")
        click.echo(json.dumps([{field: getattr(row, field) for field in fields} for row in rows], indent=1))
        return
    if not rows:
        found = f" with {search!r} in it" if search else ""
        click.echo(f"No component{f' of kind {kind}' if kind else ''}{found} is installed.")
    width = max((len(row.name) for row in rows), default=0)
    origins = max((len(row.origin) for row in rows), default=0)
    kinds, last = registry.kinds(), None
    for row in rows:
        if row.kind != last:
            click.echo(f"{row.kind}  ({kinds.get(row.kind, 'a kind that nobody defines')})")
            last = row.kind
        remedy = (
            "the name is not of the form [a-z][a-z0-9_]*" if row.status == "invalid" else f"write {row.dist}/{row.name}"
        )
        status = f"{row.status}: {remedy}  " if row.status else ""
        click.echo(f"  {row.name:<{width}}  {row.origin:<{origins}}  {status}{row.meaning}".rstrip())
    for entry in registry.scan.newer:
        click.echo(
            f"{entry.dist}: {entry.kind}:{entry.name} is written for a newer kernel; upgrade ptv-registry", err=True
        )


@ptv.command()
@click.argument("name", type=_SPEC)
@click.option("--flops", is_flag=True, help="Also count a model's parameters and operations by module.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="1x3x8x256x256",
    help="Shape of an input to count with, as 1x3x8x256x256.",
)
@click.option("--contract", is_flag=True, help="Explain a kind: what call sites pass, what a component has to give.")
@json_option
def show(name: str, flops: bool, inputs: tuple[str, ...], contract: bool, as_json: bool) -> None:
    """Explain one component: where it comes from, what it takes, its defaults. With --contract, NAME is a kind."""
    from ptv_registry import default_registry, describe

    if contract:
        from ptv_registry.contracts import contract_of

        kind = default_registry().kind(name)
        found_contract = contract_of(name)
        if as_json:
            data = {"kind": name, "meaning": kind.meaning, "requires": kind.requires, "offers": kind.offers}
            click.echo(json.dumps({**data, "contract": found_contract.words}, indent=1))
        else:
            click.echo(f"{name}: {kind.meaning}\n\n{found_contract}")
        return

    found = describe(name)
    sections = _sections(name, found.kind, "flops", inputs) if flops else []
    if as_json:
        parameters = [{"name": n, "takes": t, "default": d or None} for n, t, d in found.parameters]
        data = {"kind": found.kind, "name": found.name, "origin": found.origin, "value": found.value}
        more = {section["title"]: section["data"] for section in sections}
        click.echo(
            json.dumps(
                {**data, "summary": found.summary, "parameters": parameters, "options": found.options, **more}, indent=1
            )
        )
        return
    click.echo(f"{found.kind}:{found.name}  [{found.origin}, {found.value}]\n")
    click.echo(found.doc)
    width = max((len(n) for n, _, _ in found.parameters), default=0)
    click.echo("\nParameters:")
    for n, takes, default in found.parameters:
        click.echo(f"  {n:<{width}}  {takes}{f' = {default}' if default else '  (required)'}")
    if found.options:
        click.echo(f"\nBuild options: {', '.join(found.options)}")
    for section in sections:
        click.echo("\n".join(["", f"{section['title']}:", *section["lines"]]))


def _sections(spec: str, kind: str, topic: str, inputs: tuple[str, ...]) -> list[dict[str, Any]]:
    import ptv_registry

    try:
        shapes = [tuple(int(size) for size in text.split("x")) for text in inputs]
    except ValueError:
        raise ArgumentError(f"--input {' '.join(inputs)} is not a shape; write it like 1x3x8x256x256") from None
    plan = ptv_registry.resolve(spec, kind=kind)
    sections = [s for s in ptv_registry.call_hook("ptv_describe", plan=plan, topic=topic, inputs=shapes) if s]
    if not sections:
        raise ArgumentError(f"no installed plugin knows the {topic} of {plan.root.name}")
    return sections


@ptv.command()
@click.argument("spec", type=_SPEC)
@kind_option
@set_option
@click.option("--defaults/--no-defaults", default=True, show_default=True, help="Also show plain defaults.")
@json_option
def plan(spec: str, kind: str, edits: tuple[str, ...], defaults: bool, as_json: bool) -> None:
    """Print the resolved tree of SPEC: * explicit, ^ inherited, unmarked default. Builds nothing."""
    from ptv_registry._lock import node_to_json
    from ptv_registry._plan import render

    resolved = _plan(spec, kind, edits)
    if as_json:
        click.echo(json.dumps(node_to_json(resolved.root), indent=1))
        return
    for line in render(resolved, defaults=defaults):
        click.echo(line)


@ptv.command()
@click.argument("spec", type=_SPEC)
@kind_option
@set_option
@json_option
def build(spec: str, kind: str, edits: tuple[str, ...], as_json: bool) -> None:
    """Build SPEC (or the lock in a .json file) and print the result."""
    import ptv_registry

    built = ptv_registry.build(_plan(spec, kind, edits))
    parameters = getattr(built, "parameters", None)
    count = sum(p.numel() for p in parameters()) if callable(parameters) else None
    if as_json:
        click.echo(json.dumps({"type": type(built).__qualname__, "parameters": count}))
        return
    click.echo(repr(built))
    if count is not None:
        click.echo(f"{count:,} parameters")


@ptv.command()
@click.argument("spec", type=_SPEC)
@kind_option
@set_option
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to a file rather than standard output.")
def freeze(spec: str, kind: str, edits: tuple[str, ...], output: str | None) -> None:
    """Print the lock of SPEC: the whole resolved tree and the versions it was resolved with."""
    import ptv_registry

    text = ptv_registry.freeze(_plan(spec, kind, edits))
    if output:
        write_text(Path(output), text)
    else:
        click.echo(text, nl=False)


@ptv.command()
@click.argument("lock", type=click.Path(exists=True, dir_okay=False))
@json_option
def verify(lock: str, as_json: bool) -> None:
    """Report how the installed distributions differ from LOCK; status 1 if they do."""
    import warnings

    from ptv_registry import default_registry
    from ptv_registry._drift import LockDriftWarning, drift
    from ptv_registry._lock import read, to_plan

    data = read(Path(lock).read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LockDriftWarning)
        lines = drift(data, to_plan(data, default_registry(), strict=False).root)
    if as_json:
        click.echo(json.dumps({"lock": lock, "drift": lines}))
    else:
        click.echo("\n".join(lines) if lines else f"{lock}: what is installed is what it records")
    if lines:
        raise SystemExit(1)


@ptv.command()
@json_option
def doctor(as_json: bool) -> None:
    """Load every installed component in a subprocess, and ask plugins about the machine."""
    from ptv_registry.cli._doctor import examine

    report = examine()
    bad = [row for row in report["components"] if row["error"]]
    if as_json:
        click.echo(json.dumps(report, indent=1))
    else:
        for plugin, facts in report["plugins"].items():
            for name, text in facts.items():
                click.echo(f"{plugin}: {name}: {text}")
        for row in bad:
            click.echo(f"FAILS  {row['kind']}:{row['name']} of {row['dist']}: {row['error']}")
        click.echo(f"{len(report['components']) - len(bad)} of {len(report['components'])} components load")
    if bad:
        raise SystemExit(1)


@ptv.command("new-plugin")
@click.argument("kind", type=KindName())
@click.argument("name")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False), default=".", show_default=True, help="Where to write."
)
@click.option("--dist", help="The distribution's name; ptv-NAME by default.")
def new_plugin(kind: str, name: str, output: str, dist: str | None) -> None:
    """Write a distribution that adds one component of KIND, with its tests."""
    from ptv_registry.cli._scaffold import write

    folder = write(kind, name, Path(output), dist)
    click.echo(f"Wrote {folder}. Next:\n  pip install -e {folder}\n  pytest {folder}\n  ptv show {kind}:{name}")
