"""Which texts a graph of ``torch.export`` may hold: names, operators that only calculate, and sums of symbols."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Final

#: Operators by namespace: those of torch, and torchvision's, which all are functions of tensors and numbers ...
_OPERATOR: Final = re.compile(r"torch\.ops\.(?:aten|prims|quantized_decomposed|torchvision)\.(\w+)\.\w+")
#: ... but for these: they open files, or do not look whether an index lies inside.
_OPENS_FILES: Final = frozenset({"from_file", "save"})
_UNCHECKED: Final = re.compile(r"_unsafe_(?:masked_)?index.*")
_FUNCTIONS: Final = frozenset(
    {
        *(f"torch.ops.higher_order.{name}" for name in ("wrap_with_autocast", "wrap_with_set_grad_enabled", "cond")),
        *(
            f"_operator.{name}"
            for name in [
                "getitem",
                "add",
                "sub",
                "mul",
                "truediv",
                "floordiv",
                "mod",
                "neg",
                "eq",
                "ne",
                "lt",
                "le",
                "gt",
                "ge",
                "and_",
                "or_",
            ]
        ),
        *(f"math.{name}" for name in ("ceil", "floor", "trunc", "sqrt")),
        *(f"torch.sym_{name}" for name in ("int", "float", "max", "min", "not", "ite", "sum", "sqrt")),
        *(f"torch._sym_{name}" for name in ("sqrt",)),
    }
)

_IDENTIFIER: Final = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,400}|")
_DOTTED: Final = re.compile(r"(?:(?!__)[A-Za-z0-9_]{1,200}(?:\.|$)){0,40}")
_VERSION: Final = re.compile(r"[A-Za-z0-9.+_-]{0,100}")
_WORDS: Final = re.compile(r"[\w .,:;+>-]{0,1000}")
#: Keys whose texts are not plain identifiers; ``metadata`` is never more than text.
_TEXTS: Final[dict[str, re.Pattern[str]]] = {
    **dict.fromkeys(("parameter_name", "buffer_name", "tensor_constant_name", "target_name", "fqn"), _DOTTED),
    "torch_version": _VERSION,
    "as_string": _WORDS,
    "as_strings": _WORDS,
}
_REFUSED_KEYS: Final = {
    "as_custom_obj": "a custom object",
    "as_opaque_obj": "an opaque object",
    "custom_obj": "a custom object",
}

_SYMBOL: Final = r"[a-z]{1,4}\d{1,5}"
_SYMBOL_NAME: Final = re.compile(_SYMBOL)
_EXPRESSION: Final = re.compile(
    rf"(?:\s|'{_SYMBOL}'|\b{_SYMBOL}\b"
    r"|\b(?:Symbol|Integer|Float|Rational|Add|Mul|Max|Min|Eq|Ne|Lt|Le|Gt|Ge|StrictLessThan|LessThan|StrictGreaterThan"
    r"|GreaterThan|Equality|Unequality|And|Or|Not|FloorDiv|CeilDiv|CleanDiv|PythonMod|Mod|ModularIndexing|IntTrueDiv"
    r"|FloatTrueDiv|ToFloat|TruncToInt|CeilToInt|FloorToInt|true|false|True|False|positive|nonnegative|negative|integer"
    r"|real|finite|zero|nonzero|evaluate|precision)\b"
    r"|\b\d{1,18}(?:\.\d{1,18})?\b|\*(?!\*)|[()=,+/<>&|~!-])*"
)
#: What has to be true of the inputs, such as ``L['x'][1].size()[0] == L['x'][0].size()[0]``.
_GUARD: Final = re.compile(
    r"(?:\s|\bL\['\w{1,200}'\]|\[\d{1,9}\]|\.(?:size|stride|storage_offset)\(\)|\.ndim\b|\b\d{1,18}\b"
    r"|\b(?:and|or|not|Eq|Ne|Lt|Le|Gt|Ge|Max|Min|Mod|PythonMod|FloorDiv)\b|==|!=|\*(?!\*)|[()<>=,+/%-])*"
)
_LONGEST_EXPRESSION: Final = 1000
_CHECKED_APART: Final = ("guards_code", "opset_version", "range_constraints")
_TREE_TYPES: Final = frozenset({None, "builtins.tuple", "builtins.list", "builtins.dict"})
_DEEPEST: Final = 64


class Refused(Exception):
    """What stands in a file that could be code."""


def check_payloads(config: Any, prefix: str, bytes_of: Callable[[str], int]) -> None:
    """The list of a file's tensors: each a record of plain numbers that is as large as its shape says.

    Raises:
        Refused: one is pickled, an object, or larger than its record.
    """
    for name, entry in config["config"].items():
        if not _DOTTED.fullmatch(name):
            raise Refused(f"{_clipped(name)} cannot be the name of a tensor")
        path = entry["path_name"]
        if not isinstance(path, str) or not re.fullmatch(rf"{prefix}\d+", path):
            raise Refused(f"{name} is stored as {_clipped(path)}, and no tensor")
        if entry["use_pickle"] is not False:
            raise Refused(f"{name} is pickled")
        sizes = [size["as_int"] for size in entry["tensor_meta"]["sizes"]]
        if not all(type(size) is int and 0 <= size < 1 << 40 for size in sizes):
            raise Refused(f"{name} has the sizes {_clipped(sizes)}")
        # An empty record stands for zeros, of which a few bytes could ask for any number.
        if bytes_of(path) == 0 and prod(sizes):
            raise Refused(f"{name} has the sizes {_clipped(sizes)}, and nothing is stored of it")


def check_graph(data: Any) -> None:
    """The graph with its signature: every key and text in it.

    Raises:
        Refused: one could be code, or an operator does more than calculate.
    """
    for guard in data.get("guards_code") or ():
        if len(guard) > _LONGEST_EXPRESSION or not _GUARD.fullmatch(guard):
            raise Refused(f"{_clipped(guard)} is not a comparison of sizes")
    if (data["graph_module"].get("treespec_namedtuple_fields") or {}) != {}:
        raise Refused("it takes or gives named tuples")
    for symbol in data["range_constraints"]:
        if not _SYMBOL_NAME.fullmatch(symbol):
            raise Refused(f"{_clipped(symbol)} cannot be the name of a size")
    _walk({key: value for key, value in data.items() if key not in _CHECKED_APART}, "", 0)


def _walk(value: Any, key: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise Refused("it is nested too deeply")
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not _IDENTIFIER.fullmatch(name):
                raise Refused(f"{_clipped(name)} cannot be a name")
            if name in _REFUSED_KEYS and item:
                raise Refused(f"its graph has {_REFUSED_KEYS[name]}")
            if name != "metadata":
                _walk(item, name, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _walk(item, key, depth + 1)
    elif isinstance(value, str):
        _check_text(value, key)


def _check_text(text: str, key: str) -> None:
    if key in ("target", "as_operator"):
        if not _calculates(text):
            raise Refused(f"its graph calls {_clipped(text)}, which is not known to do nothing but calculate")
    elif key == "expr_str":
        if len(text) > _LONGEST_EXPRESSION or not _EXPRESSION.fullmatch(text):
            raise Refused(f"{_clipped(text)} is not a sum or product of sizes")
    elif key in ("in_spec", "out_spec"):
        protocol, tree = json.loads(text)
        if protocol != 1:
            raise Refused(f"its arguments are described in version {_clipped(protocol)}")
        _check_tree(tree, 0)
    elif not _TEXTS.get(key, _IDENTIFIER).fullmatch(text):
        raise Refused(f"{_clipped(text)} cannot be its {key or 'text'}")


def _calculates(target: str) -> bool:
    if target in _FUNCTIONS:
        return True
    found = _OPERATOR.fullmatch(target)
    return found is not None and found[1] not in _OPENS_FILES and not _UNCHECKED.fullmatch(found[1])


def _check_tree(tree: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise Refused("its arguments are nested too deeply")
    if tree["type"] not in _TREE_TYPES:
        raise Refused(f"it takes or gives {_clipped(tree['type'])}, which is not a tuple, list or dict")
    context = tree["context"]
    if context not in (None, "null"):
        names = json.loads(context)
        if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
            raise Refused("the keys of its arguments are not strings")
    for child in tree["children_spec"]:
        _check_tree(child, depth + 1)


def _clipped(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
