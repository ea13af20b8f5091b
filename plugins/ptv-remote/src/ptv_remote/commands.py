"""The commands ``ptv cache list | clear``."""

from __future__ import annotations

import json
from datetime import datetime

import click

from ptv_registry.cli.options import json_option


@click.group()
def cache() -> None:
    """Downloaded files: list and remove them. PTV_CACHE names the folder, PTV_CACHE_LIMIT its size (64 GiB)."""


@cache.command("list")
@json_option
def list_files(as_json: bool) -> None:
    """List what the cache holds, largest first."""
    from ptv_remote.cache import cache_dir
    from ptv_remote.limits import as_text, cache_limit
    from ptv_remote.room import entries

    found = sorted(entries(), key=lambda entry: -entry.size)
    if as_json:
        rows = [
            {"uri": e.uri, "size": e.size, "used": e.used, "pinned": e.pinned, "folder": str(e.folder)} for e in found
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    for entry in found:
        used = datetime.fromtimestamp(entry.used).astimezone().strftime("%Y-%m-%d")
        click.echo(f"{as_text(entry.size):>12}  {used}  {entry.uri or '(unfinished)'}")
    limit = cache_limit()
    of = f" of {as_text(limit)}" if limit is not None else ""
    click.echo(f"{len(found)} files, {as_text(sum(entry.size for entry in found))}{of} in {cache_dir()}")


@cache.command()
@click.argument("uri", nargs=-1)
@click.option("--weights", is_flag=True, help="Also remove weights and their recorded SHA-256.")
def clear(uri: tuple[str, ...], weights: bool) -> None:
    """Remove the files of these addresses, or all files but weights."""
    from ptv_remote.cache import CachedFile
    from ptv_remote.limits import as_text
    from ptv_remote.room import entries, remove

    wanted = {CachedFile.of(one).folder for one in uri}
    found = [entry for entry in entries() if (entry.folder in wanted if uri else weights or not entry.pinned)]
    removed = [entry for entry in found if remove(entry)]
    click.echo(f"Removed {len(removed)} files, {as_text(sum(entry.size for entry in removed))}")
    if len(removed) < len(found):
        click.echo(f"{len(found) - len(removed)} files are being downloaded, and stay")
    missing = len(wanted - {entry.folder for entry in found})
    if missing:
        raise click.ClickException(f"{missing} of {len(uri)} addresses are not in the cache")
