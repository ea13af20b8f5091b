"""Extracts from the documentation's text what the tests here compare with and run.

The documented names and signatures go to documented.json, the code of the overviews to documented_code.md. Run it only to
make these files anew: python tests/contrib/pytorchvideo_compat/extract_documented.py MODELS_PAGE WHOLE_DOCUMENTATION

The text comes from a PDF: words are broken over lines and some parts are lost. What can be read is kept as it is written;
a default that cannot be read is null, and a signature of which nothing is left is missing.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

START = re.compile(
    r"^(?:Return type None)?(?P<kind>class +)?pytorchvideo\.(?P<path>[a-z_0-9.]+)\.(?P<name>\w+)[ \t]*(?P<open>\(|$)",
    re.MULTILINE,
)
METHOD = re.compile(r"^(?P<name>__init__|__call__|forward\w*|sim_loss|update_mmt|get_mmt) ?\(", re.MULTILINE)
INDEX = re.compile(
    r"^[- ]*(?P<name>\w+)(?:\(\))? \((?:class )?in (?:module )?pytorchvideo\.(?P<path>[\w.]+)\), \d+", re.MULTILINE
)
ATTRIBUTE = re.compile(
    r"^[- ]*(?P<name>\w+)(?:\(\))? \(pytorchvideo\.(?P<path>[\w.]+)\.(?P<owner>\w+) (?:property|attribute)\), \d+",
    re.MULTILINE,
)
MODULE = re.compile(r"^- pytorchvideo\.([\w.]+), \d+$", re.MULTILINE)
BULLET = re.compile(r"^- (\w+) \(.*?\) –", re.MULTILINE)

# One module has three spellings in the text.
SPELT = {"layers.convolution": "layers.convolutions", "layers.convolutional": "layers.convolutions"}
# Misread in the index; the headings have them right.
MISREAD = {"learn_masked_default", "lstm", "LabeledVideoDataset", "Kinetics"}
# Its heading is lost, these words of its __init__ are not.
LOST_HEADING = "conv_a, norm_a, act_a, conv_b, norm_b, act_b, conv_c, norm_c, reduce_method"
# A column of its signature is cut off; its parameters are listed below it.
CUT = "layers.squeeze_excitation.create_audio_2d_squeeze_excitation_block"


def plain(text: str) -> str:
    """The text without marks of emphasis and links."""
    text = text.replace("(*dim_in,", "(\\*, dim_in,")  # a comma is lost
    for written in "_()*":
        text = text.replace(f"\\{written}", {"*": "\0"}.get(written, written))
    text = text.replace("**", "").replace("`", "")
    return re.sub(r"\*(?=[\w<])|(?<=[\w\]'\">,)=])\*", "", text).replace("\0", "*")


def arguments(text: str, start: int) -> str:
    """What stands between the parenthesis before ``start`` and the one that closes it, or the end of the block."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0 or text.startswith("\n\n", place):
            return text[start:place]
    return text[start:]


def parameters(text: str) -> list[dict[str, Any]]:
    """The parameters of a signature in the order in which they are written."""
    text = re.sub(r"(?<=[a-z])-\s*\n\s*(?=[a-z])", "", text)  # words broken over lines
    text = re.sub(r"\s+", "", re.sub(r"<(class|function)\b", "<", text)).replace("back-end", "backend")
    found: list[dict[str, Any]] = []
    keyword_only = False
    for piece in re.split(r",(?=[a-z_]\w*(?:=|\({2,}))", text):
        if "=" not in piece and "((" not in piece:
            for name in filter(None, piece.split(",")):
                if name.strip("*") == "":
                    keyword_only = True
                else:
                    found.append({"name": "*args" if name.strip("*") == "args" else name, "keyword_only": keyword_only})
            continue
        match = re.match(r"((?:\w+,|\*,)*)(\w+)(=?)(.*)$", piece)
        if match is None:
            continue
        before, name, equals, default = match.groups()
        for earlier in filter(None, before.split(",")):
            if earlier.strip("*") == "":
                keyword_only = True
            else:
                found.append({"name": earlier, "keyword_only": keyword_only})
        readable = equals and default and default.count("(") == default.count(")")
        found.append({"name": name, "keyword_only": keyword_only, "default": default if readable else None})
    return found


def extract(text: str) -> dict[str, Any]:
    """All documented names, with what is known of each."""
    text = plain(text)
    index_at = text.index("PYTHON MODULE INDEX")
    api, index = (
        text[:index_at],
        re.sub(r"\[(.*?)\]\(#.*?\)", r"\1", text[index_at:]).replace("\\", "").replace("*", ""),
    )
    names: dict[str, dict[str, Any]] = {}
    for match in INDEX.finditer(index):
        if match["name"] not in MISREAD:
            names.setdefault(f"{SPELT.get(match['path'], match['path'])}.{match['name']}", {})
    owner = ""
    places = sorted([*START.finditer(api), *METHOD.finditer(api)], key=lambda match: match.start())
    for number, match in enumerate(places):
        inside = arguments(api, match.end())
        if match.re is METHOD:
            if " ".join(inside.split()).startswith("*, " + LOST_HEADING):
                names["models.resnet.SeparableBottleneckBlock"]["parameters"] = parameters(inside)
            elif match["name"] == "__init__":
                names[owner]["parameters"] = parameters(inside)
            else:
                methods = names[owner].setdefault("methods", {})
                methods[match["name"]] = [parameter["name"] for parameter in parameters(inside)]
            continue
        owner = f"{SPELT.get(match['path'], match['path'])}.{match['name']}"
        names.setdefault(owner, {})
        if owner == CUT:
            below = api[match.end() : places[number + 1].start() if number + 1 < len(places) else len(api)]
            found = dict.fromkeys(BULLET.findall(below))
            names[owner]["parameters"] = [{"name": name, "keyword_only": False} for name in found]
        elif match["open"] and not re.match(r"\W*args\W.*kw", inside):  # such a class has its parameters at __init__
            names[owner]["parameters"] = parameters(inside)
    for match in ATTRIBUTE.finditer(index):
        if match["name"] != "training":
            names[f"{match['path']}.{match['owner']}"].setdefault("attributes", []).append(match["name"])
    return {"modules": sorted(set(MODULE.findall(index))), "names": dict(sorted(names.items()))}


def code_blocks(text: str) -> list[str]:
    """The blocks of Python code, their lines put together again where the page broke them."""
    blocks = re.findall(r"^```\n(.*?)^```$", text.replace("_\n↳", "_"), re.MULTILINE | re.DOTALL)
    return [
        block.strip("\n") for block in blocks if re.search(r"^(import|from|transform =|dataset =)", block, re.MULTILINE)
    ]


def overviews(text: str) -> list[tuple[str, str]]:
    """The chapters called overview, numbered: 1, 4, 7, 9 and 11."""
    parts = re.split(r"^## (?=[A-Z ]+$)", text, flags=re.MULTILINE)
    found = [part for part in parts if part.startswith("OVERVIEW")]
    return list(zip(("chapter 1", "chapter 4", "chapter 7", "chapter 9", "chapter 11"), found, strict=True))


def main(models_page: Path, whole: Path) -> None:
    """Write both files."""
    text = whole.read_text(encoding="utf-8")
    lines = json.dumps(extract(text), indent=1, ensure_ascii=False)
    Path(__file__).with_name("documented.json").write_text(lines + "\n", encoding="utf-8")
    sources = [("models page", models_page.read_text(encoding="utf-8")), *overviews(text)]
    pages = [f"# {title}\n" + "".join(f"\n```\n{code}\n```\n" for code in code_blocks(part)) for title, part in sources]
    Path(__file__).with_name("documented_code.md").write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
