"""``ptv doctor``: a subprocess loads entry after entry, so that one that crashes Python is found too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from ptv_registry import _registry
from ptv_registry._entries import Entry

_Identity = tuple[str, str, str]


def examine(timeout_s: float = 600.0) -> dict[str, Any]:
    """Load every entry of every kind, and every plugin's hooks and kinds; ``error`` is ``None`` for what loads."""
    entries = list(_entries())
    rows: list[dict[str, Any]] = []
    while True:
        lines, ended = _load_all(entries[len(rows) :], timeout_s)
        rows += [line for line in lines if "plugins" not in line]
        facts = next((line["plugins"] for line in lines if "plugins" in line), None)
        if facts is not None:
            return {"components": rows, "plugins": facts}
        # The process ended while it did the next thing: that one is to blame, the rest gets a new process.
        blame = f"the process ended ({ended})"
        if len(rows) == len(entries):
            return {"components": rows, "plugins": {"ptv_doctor": {"error": blame}}}
        rows.append(_row(entries[len(rows)], f"while loading it {blame}"))


def _entries() -> dict[_Identity, Entry]:
    scan = _registry.default.scan
    found = [e for e in (*scan.entries, *scan.kinds, *scan.hooks) if not e.deprecated]
    return {(e.kind, e.name, e.dist or ""): e for e in found}


def _row(identity: _Identity, error: str | None) -> dict[str, Any]:
    return dict(zip(("kind", "name", "dist"), identity, strict=True), error=error)


def _load_all(todo: list[_Identity], timeout_s: float) -> tuple[list[dict[str, Any]], str]:
    command = [sys.executable, "-m", "ptv_registry.cli._doctor"]
    try:
        done = subprocess.run(
            command, input=json.dumps(todo), capture_output=True, text=True, timeout=timeout_s, check=False
        )
        output, ended = done.stdout, f"exit status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        partial = error.stdout or b""
        output, ended = partial.decode() if isinstance(partial, bytes) else partial, f"nothing for {timeout_s:.0f} s"
    return [json.loads(line) for line in output.splitlines()], ended


def _child() -> None:
    import warnings

    from ptv_registry import _hooks

    warnings.simplefilter("ignore")
    todo = json.load(sys.stdin)
    # Whatever plugins print goes to standard error, so that the report is alone on standard output.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as report:
        os.dup2(2, 1)
        entries = _entries()
        for identity in map(tuple, todo):
            _report(report, _row(identity, _error_of(entries.get(identity))))
        facts = {plugin: _texts(found) for plugin, found in _hooks.call_each("ptv_doctor").items()}
        _report(report, {"plugins": facts})


def _texts(facts: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in dict(facts).items()} if isinstance(facts, dict) else {"": str(facts)}


def _error_of(entry: Entry | None) -> str | None:
    if entry is None:
        return "the subprocess does not see it; is it on a path that only this process has?"
    try:
        if entry.kind in ("hooks", "kinds"):
            entry.load()
        else:
            _registry.default.load(entry)
    except Exception as found:  # noqa: BLE001 - whatever a plugin raises is what doctor reports
        return str(found)
    return None


def _report(file: Any, line: dict[str, Any]) -> None:
    file.write(json.dumps(line) + "\n")
    file.flush()


if __name__ == "__main__":
    _child()
