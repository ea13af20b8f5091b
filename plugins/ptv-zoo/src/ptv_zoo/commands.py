"""The commands ``ptv zoo list | show | pull | convert | verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptv_registry.cli.options import ComponentName, json_option, quiet_option

if TYPE_CHECKING:
    from ptv_zoo.tables import Row


@click.group()
def zoo() -> None:
    """Published weights: list, explain, download, convert, and check their figures."""


@zoo.command("list")
@click.argument("model", type=ComponentName("model"), required=False)
@json_option
def list_rows(model: str | None, as_json: bool) -> None:
    """List the published weights, of MODEL or of every installed model."""
    from ptv_zoo.tables import rows

    found = [row for row in rows() if model in (None, row.model)]
    if as_json:
        click.echo(json.dumps([_data(row) for row in found], indent=1))
        return
    if not found:
        click.echo(f"No weights are published for {model}." if model else "No installed model has published weights.")
        return
    width = max(len(row.key) for row in found)
    for row in found:
        w = row.weights
        metrics = ", ".join(f"{name} {value:.2f}" for name, value in w.metrics.items())
        size = f"{w.params_m:6.2f} M" if w.params_m is not None else " " * 8
        click.echo(f"{row.key:<{width}}  {w.dataset:<36}  {w.frames_x_rate:>5}  {size}  {metrics}".rstrip())


@zoo.command()
@click.argument("weights")
@json_option
def show(weights: str, as_json: bool) -> None:
    """Explain WEIGHTS, written MODEL or MODEL/NAME as `ptv zoo list` prints it."""
    from ptv_zoo.tables import find

    data = _data(find(weights))
    if as_json:
        click.echo(json.dumps(data, indent=1))
        return
    for name, value in data.items():
        if name == "categories" and value:
            value = f"{len(value)}: {', '.join(value[:3])}, ..."
        if value not in (None, "", []):
            click.echo(f"{name:<20} {value if not isinstance(value, dict) else json.dumps(value)}")


def _data(row: Row) -> dict[str, Any]:
    from attrs import asdict

    from ptv_zoo.categories import categories_of, why_unknown

    names = categories_of(row.weights.dataset)
    data: dict[str, Any] = {"key": row.key, "model": row.model, **asdict(row.weights)}
    if row.weights.clip_input is not None:
        data["clip_input"]["seconds"] = float(row.weights.clip_input.seconds)
        data["transform"] = row.weights.clip_input.transform
    data["build"] = f"build({row.weights.spec!r}, weights={row.weights.url!r})"
    if _is_listed_spec(row):
        data["build"] = f"build({row.weights.spec!r}, weights={row.weights.name!r})"
    data["categories"] = list(names) if names else None
    data["categories_note"] = "" if names else why_unknown(row.weights.dataset)
    return data


def _is_listed_spec(row: Row) -> bool:
    return row.weights.spec.partition("(")[0] == row.model


@zoo.command()
@click.argument("weights", nargs=-1, required=True)
@quiet_option
@json_option
def pull(weights: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Download WEIGHTS (MODEL, MODEL/NAME or an address) into the cache and check them; prints where they are."""
    from ptv_zoo.addresses import fetch
    from ptv_zoo.tables import find

    out = []
    for name in weights:
        uri = name if "://" in name or name.startswith("file:") else find(name).weights.url
        file = fetch(uri, progress=not (quiet or as_json))
        out.append({"weights": name, "uri": uri, "path": str(file.path), "sha256": file.sha256})
        if not as_json:
            click.echo(f"{name}: {file.path}\n  sha256 {file.sha256}")
    if as_json:
        click.echo(json.dumps(out, indent=1))


@zoo.command()
@click.argument("source")
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--model",
    type=ComponentName("model"),
    help="Spec of a model; weights are renamed to its names, and all must be present.",
)
@json_option
def convert(source: str, output: Path, model: str | None, as_json: bool) -> None:
    """Write the weights of SOURCE (a path or an address) to OUTPUT, a .safetensors file or a torch file of tensors."""
    from ptv_zoo.conversion import convert as run

    written = run(source, output, model)
    if as_json:
        click.echo(json.dumps(written))
        return
    click.echo(f"Wrote {written['tensors']} tensors ({written['layout']}) to {written['output']}")


@zoo.command()
@click.argument("model", type=ComponentName("model"), required=False)
@json_option
def verify(model: str | None, as_json: bool) -> None:
    """Build the model of each published row and compare parameters and operations; status 1 if any differ."""
    from ptv_zoo.tables import rows
    from ptv_zoo.verification import verify as run

    found = [run(row) for row in rows() if row.weights.table is not None and model in (None, row.model)]
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], indent=1))
    else:
        for one in found:
            w = one.row.weights
            flops = f"{one.flops_g:7.2f} of {w.flops_g:7.2f} G" if w.flops_g else f"{one.flops_g:7.2f} G, unpublished"
            state = "ok" if one.params_agree and one.flops_agree else ("erratum" if one.agrees else "DIFFERS")
            note = f": {w.erratum}" if state == "erratum" else ""
            click.echo(f"{state:<8} {one.row.key:<48} {one.params_m:6.2f} of {w.params_m:6.2f} M  {flops}{note}")
    if not all(one.agrees for one in found):
        raise SystemExit(1)
