"""``ptv doctor``: a subprocess loads component after component, so that one that crashes Python is found too."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from ptv_registry import _registry


def examine(timeout_s: float = 600.0) -> dict[str, Any]:
    """Load every entry of every kind; ``error`` is ``None`` for what loads."""
    entries = [e for e in _registry.default.scan.entries if not e.deprecated]
    rows: list[dict[str, Any]] = []
    facts: dict[str, Any] = {}
    while True:
        todo = [_identity(entry) for entry in entries[len(rows) :]]
        lines, ended = _load_all(todo, timeout_s)
        for line in lines:
            if "plugins" in line:
                facts = line["plugins"]
            else:
                rows.append(line)
        if len(rows) >= len(entries):
            return {"components": rows, "plugins": facts}
        # The process ended while it loaded the next one: that one is to blame, the rest gets a new process.
        kind, name, dist = _identity(entries[len(rows)])
        rows.append({"kind": kind, "name": name, "dist": dist, "error": f"loading it ended the process ({ended})"})


def _identity(entry: Any) -> tuple[str, str, str]:
    return entry.kind, entry.name, entry.dist or ""


def _load_all(todo: list[tuple[str, str, str]], timeout_s: float) -> tuple[list[dict[str, Any]], str]:
    command = [sys.executable, "-m", "ptv_registry.cli._doctor"]
    try:
        done = subprocess.run(
            command, input=json.dumps(todo), capture_output=True, text=True, timeout=timeout_s, check=False
        )
        output, ended = done.stdout, f"exit status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        partial = error.stdout or b""
        output, ended = partial.decode() if isinstance(partial, bytes) else partial, f"nothing for {timeout_s:.0f} s"
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")], ended


def _child() -> None:
    import warnings

    from ptv_registry import _hooks

    warnings.simplefilter("ignore")
    for kind, name, dist in json.load(sys.stdin):
        error = None
        try:
            _registry.default.load(_registry.default.find(kind, name, dist))
        except Exception as found:  # noqa: BLE001 - whatever a plugin raises is what doctor reports
            error = str(found)
        _report({"kind": kind, "name": name, "dist": dist, "error": error})
    _report({"plugins": {plugin: dict(facts) for plugin, facts in _hooks.call_each("ptv_doctor").items()}})


def _report(line: dict[str, Any]) -> None:
    sys.stdout.write("\n" + json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _child()
