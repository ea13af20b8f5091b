"""The site builds without a warning, and has every component, every published model and no dead link."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import ptv_registry
from ptv_zoo.tables import rows

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The links of a page, and the names that links may lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names.update(value for key in ("id", "name") if (value := given.get(key)))
        self.links += [value for key in ("href", "src") if (value := given.get(key))]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_links_inside_the_site_lead_somewhere(site: Path) -> None:
    pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            if not target.is_file() or (target in pages and anchor not in pages[target].names):
                dead.append(f"{path.relative_to(site)}: {link}")

    assert len(pages) > 50
    assert [] == dead


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")

    assert [] == re.findall(r'(?:src|href)="(https?://[^"]+\.(?:js|css|woff2?))"', start)


def test_every_component_has_its_place_on_the_page_of_its_kind(site: Path) -> None:
    missing = [
        entry.key
        for entry in ptv_registry.components()
        if entry.target is None
        and not entry.deprecated
        and entry.name not in Page(site / "catalogue" / f"{entry.kind}.html").names
    ]

    assert [] == missing


def test_the_catalogue_has_every_published_row(site: Path) -> None:
    text = (site / "catalogue.html").read_text(encoding="utf-8")

    assert text.count("<tr>") == 1 + len(list(rows()))
    assert all(f"<td>{row.model}</td><td>{row.weights.name}</td>" in text for row in rows())


def test_the_plan_shows_what_the_spec_says_and_what_comes_from_above(site: Path) -> None:
    text = (site / "from_spec_to_model.html").read_text(encoding="utf-8")

    assert re.search(r"<strong>res_basic</strong>", text)
    assert re.search(r"conv</span><span class=.from explicit.>explicit", text)
    assert re.search(r"norm</span><span class=.from inherited.>inherited", text)


def test_search_finds_components_but_not_sources(site: Path) -> None:
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    places = [entry["location"] for entry in found]

    assert any(place.startswith("catalogue/norm.html#ghost") for place in places)
    assert not any(place.startswith("source/") for place in places)
