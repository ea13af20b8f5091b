"""The pages of the site that are made from what is installed: components, the catalogue of models, a plan, sources.

MkDocs calls the functions at the end; see ``hooks`` in ``mkdocs.yml``.
"""

from __future__ import annotations

import html
import inspect
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import griffe
from mkdocs.structure.files import File, Files

import ptv_registry
from ptv_registry.contracts import contract_of, signature_text

ROOT: Final = Path(__file__).parents[1]
LINK: Final = re.compile(r"\]\(\.\./((?!\.\./)[^)#\s]+)(#[^)]*)?\)")


# -- sources: a page for each file that a page links to, so that the site is whole without a repository


def source_page(path: str) -> str:
    """The page that shows a file of the repository."""
    return f"source/{path}.md"


def source_text(path: str) -> str:
    """A file of the repository as a page."""
    language = {".py": "python", ".toml": "toml", ".md": "markdown", ".sh": "bash"}.get(Path(path).suffix, "text")
    text = (ROOT / path).read_text(encoding="utf-8")
    fence = "`" * 5
    return f"---\nsearch:\n  exclude: true\n---\n\n# `{path}`\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def linked_sources(text: str) -> Iterator[str]:
    """The files outside of ``docs`` that a page links to."""
    for match in LINK.finditer(text):
        if (ROOT / match[1]).is_file():
            yield match[1]


def with_source_links(text: str, page: str) -> str:
    """A page whose links to files of the repository lead to their pages; links to folders become names."""
    up = "../" * page.count("/")

    def replaced(match: re.Match[str]) -> str:
        if (ROOT / match[1]).is_file():
            return f"]({up}{source_page(match[1])})"
        return "]"

    text = LINK.sub(replaced, text)
    return re.sub(r"\[([^\]\[]+)\](?![(\[:])", r"[\1]", text)


# -- components


def component_pages() -> Iterator[tuple[str, str]]:
    """A page for each kind, and the list of kinds."""
    rows = ["# Components", "", "What is installed, by kind; `ptv list` and `ptv show` say the same.", ""]
    rows += ["| kind | what it is | components |", "|---|---|---|"]
    for kind, meaning in ptv_registry.default_registry().kinds().items():
        entries = [e for e in ptv_registry.components(kind) if not e.deprecated and e.target is None]
        rows.append(f"| [{kind}]({kind}.md) | {meaning} | {len(entries)} |")
        yield f"catalogue/{kind}.md", "\n".join(kind_page(kind, meaning, entries))
    yield "catalogue/index.md", "\n".join(rows) + "\n"


def kind_page(kind: str, meaning: str, entries: list[ptv_registry.Entry]) -> Iterator[str]:
    """The page of a kind: its contract, and every component with signature and description."""
    yield f"# {kind}\n\n{meaning[:1].upper()}{meaning[1:]}.\n"
    contract = contract_of(kind)
    if contract is not None:
        yield f"{plain(contract.words)}\n"
        yield f"A call site calls it as:\n\n```python\n{signature_text(contract.protocol, '__call__')}\n```\n"
    for entry in entries:
        yield f"## {entry.name} {{ #{entry.name} }}\n"
        yield from component(entry)


def component(entry: ptv_registry.Entry) -> Iterator[str]:
    """A component: how it is called, what it says of itself, and where it comes from."""
    target = entry.load()
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        signature = None
    if signature is not None:
        yield f"```python\n{written(entry.name, signature)}\n```\n"
    place = file_of(target)
    documented = inspect.getdoc(target) or ""
    # What others wrote is in their documentation; its first sentence says what it is.
    yield from described(documented if place else documented.split("\n\n")[0])
    source = f" · [{Path(place).name}](../{source_page(place)})" if place else ""
    yield f"`{entry.key}` · {entry.dist} · `{entry.value}`{source}\n"


def written(name: str, signature: inspect.Signature) -> str:
    """A signature a person can read: a line for each parameter, without types that only the kernel reads."""
    lines = []
    for parameter in signature.parameters.values():
        default = "" if parameter.default is parameter.empty else f"={value(parameter.default)}"
        lines.append(f"    {parameter.name}{default},")
    return "\n".join([f"{name}(", *lines, ")"]) if lines else f"{name}()"


def value(default: object) -> str:
    """A default as a spec would say it."""
    if isinstance(default, type) or callable(default):
        return getattr(default, "__name__", type(default).__name__)
    return repr(default)


def described(text: str) -> Iterator[str]:
    """A docstring as Markdown: prose, then a list for arguments and one for what is raised."""
    for section in griffe.Docstring(text).parse("google", warnings=False):
        if section.kind is griffe.DocstringSectionKind.text:
            yield f"{plain(section.value)}\n"
        elif section.kind in (griffe.DocstringSectionKind.parameters, griffe.DocstringSectionKind.attributes):
            yield "\n".join(f"- `{item.name}`: {plain(item.description)}" for item in section.value) + "\n"
        elif section.kind is griffe.DocstringSectionKind.raises:
            yield (
                "Raises "
                + "; ".join(f"`{item.annotation}`: {plain(item.description)}" for item in section.value)
                + "\n"
            )
        elif section.kind is griffe.DocstringSectionKind.returns:
            yield "Returns " + " ".join(plain(item.description) for item in section.value) + "\n"


def plain(text: str) -> str:
    """reStructuredText's roles and literals as Markdown's."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
    text = text.replace("``", "`")
    text = re.sub(r"(?<![(<\w/`])(https?://[^\s,;)]+[^\s,;).])", r"<\1>", text)
    return re.sub(r"\[([^\]\n]*)\]", r"\\[\1\\]", text) if "`" not in text else text


def file_of(target: Any) -> str | None:
    """The file of the repository that an object is defined in."""
    try:
        path = Path(inspect.getsourcefile(inspect.unwrap(target)) or "").resolve()
    except TypeError:
        return None
    if not path.is_relative_to(ROOT):
        return None
    found = path.relative_to(ROOT)
    return str(found) if found.parts[0] in ("ptv_registry", "plugins", "contrib") else None


# -- the catalogue of published models

HEADINGS: Final = ("model", "weights", "data set", "frames x rate", "top-1", "top-5", "mAP", "GFLOPs", "M params")


def catalogue() -> str:
    """A table of all published weights that sorts by a click, and a plot."""
    from ptv_zoo.tables import rows

    lines = ["".join(f"<th>{heading}</th>" for heading in HEADINGS)]
    for row in rows():
        w = row.weights
        figures = [w.metrics.get("top1"), w.metrics.get("top5"), w.metrics.get("map"), w.flops_g, w.params_m]
        cells = [row.model, w.name, w.dataset, w.frames_x_rate or "", *("" if f is None else f"{f:g}" for f in figures)]
        lines.append("".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells))
    head, *body = (f"<tr>{line}</tr>" for line in lines)
    table = f'<div class="sortable"><table><thead>{head}</thead><tbody>{"".join(body)}</tbody></table></div>'
    return (
        "# Models\n\nEvery published checkpoint that `weights=` knows; `ptv zoo list` prints the same. The figures are the "
        "published ones; `ptv eval MODEL --weights NAME --data FOLDER --views 10x3` measures them.\n\n"
        "![Top-1 on Kinetics-400 against GFLOPs for each view](images/catalogue.svg)\n\n"
        f"Click on a heading to sort.\n\n{table}\n"
    )


def catalogue_plot() -> str:
    """Top-1 on Kinetics-400 against FLOPs, as SVG; the area is the number of parameters."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from ptv_zoo.tables import rows

    mpl.rcParams["svg.hashsalt"] = "ptv"
    points = [
        row
        for row in rows()
        if row.weights.dataset == "Kinetics-400" and row.weights.flops_g and "top1" in row.weights.metrics
    ]
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.add_subplot()
    names: dict[tuple[float, float], list[str]] = {}
    for row in points:
        w = row.weights
        place = (w.flops_g, w.metrics["top1"])
        if row.model in names.setdefault(place, []):
            continue  # the same model in PySlowFast's names
        names[place].append(row.model)
        axes.scatter(*place, s=6 * (w.params_m or 1), alpha=0.45)
    drawn: list[tuple[float, float]] = []
    for place, models in sorted(names.items(), key=lambda item: item[0][::-1]):
        # One above the other where two points have nearly one place.
        near = sum(abs(math.log10(place[0] / x)) < 0.12 and abs(place[1] - y) < 0.6 for x, y in drawn)
        drawn.append(place)
        axes.annotate(
            ", ".join(models), place, fontsize=7, ha="right" if place[0] > 150 else "left",
            xytext=(-8 if place[0] > 150 else 8, 2 + 9 * near), textcoords="offset points",
        )  # fmt: skip
    axes.set(xscale="log", xlabel="GFLOPs for each view", ylabel="top-1 on Kinetics-400 (%)")
    axes.grid(alpha=0.3)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


# -- a plan


def plan_page() -> str:
    """How a spec becomes a model, drawn from a real plan."""
    spec = "slowfast(norm=ghost, stem=res_basic(conv=oct))"
    plan = ptv_registry.resolve(spec)
    return (
        "# From spec to model\n\n"
        f"A spec names what it wants: `{spec}`. The kernel reads the signature of every component that it names, and of every "
        "component that those need, and decides each value before anything is built. Each has one of three sources:\n\n"
        '<div class="ptv-plan" markdown="0"><p><span class="from explicit">explicit</span> the spec says it '
        '<span class="from inherited">inherited</span> it was given above, to all components below '
        '<span class="from default">default</span> the component\'s own</p></div>\n\n'
        "Below, the plan of this spec; what is a default all the way down is only counted. `ptv plan` "
        f'prints all of it.\n\n<div class="ptv-plan" markdown="0">{plan_tree(plan.root)}</div>\n'
    )


def plan_tree(node: ptv_registry.Node) -> str:
    """A node and those nodes below it of which something is not a default, as nested lists."""
    items, defaults = [], 0
    for name, argument in node.arguments.items():
        values = argument.value if isinstance(argument.value, tuple) else (argument.value,)
        nodes = [value for value in values if isinstance(value, ptv_registry.Node)]
        if argument.source == "default" and not any(map(is_decided, nodes)):
            defaults += 1
            continue
        shown = "" if nodes else f" = {html.escape(repr(argument.value))}"
        below = "".join(f"<li>{plan_tree(value)}</li>" for value in nodes)
        items.append(
            f'<li><span class="value">{html.escape(name)}{shown}</span>'
            f'<span class="from {argument.source}">{argument.source}</span><ul>{below}</ul></li>'
        )
    if defaults:
        items.append(f'<li><span class="from default">{defaults} more by default</span></li>')
    name = node.entry.name if node.entry else getattr(node.target, "__name__", type(node.target).__name__)
    title = f'<span class="value"><strong>{html.escape(name)}</strong></span>'
    return f"{title}<ul>{''.join(items)}</ul>"


def is_decided(node: ptv_registry.Node) -> bool:
    """Whether the spec decides something of a node, or of one below it."""
    for argument in node.arguments.values():
        values = argument.value if isinstance(argument.value, tuple) else (argument.value,)
        if argument.source != "default" or any(is_decided(v) for v in values if isinstance(v, ptv_registry.Node)):
            return True
    return False


# -- what MkDocs calls


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages that are made."""
    made = dict(component_pages())
    made["catalogue.md"] = catalogue()
    made["images/catalogue.svg"] = catalogue_plot()
    made["from_spec_to_model.md"] = plan_page()
    sources: set[str] = set()
    for file in files.documentation_pages():
        sources.update(linked_sources(Path(str(file.abs_src_path)).read_text(encoding="utf-8")))
    for text in list(made.values()):
        sources.update(re.findall(r"\]\(\.\./source/(.+?)\.md\)", text))
    made |= {source_page(path): source_text(path) for path in sorted(sources)}
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Leads links to files of the repository to their pages."""
    if page.file.src_uri.startswith(("source/", "catalogue/")):
        return markdown
    return with_source_links(markdown, page.file.src_uri)
