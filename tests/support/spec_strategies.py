"""Hypothesis strategies for specs."""

from __future__ import annotations

import re
import string
from typing import Any

from hypothesis import strategies as st

from ptv_registry import Spec

_WORD = string.ascii_letters + string.digits + "_"

idents = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
names = idents.filter(lambda word: word not in {"none", "true", "false", "None", "True", "False"})
dists = st.text(_WORD + ".-", min_size=1, max_size=8).filter(
    lambda word: re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", word) is not None
)
literals = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3).map(tuple) | _specs_over(inner)


def _specs_over(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    return st.builds(
        Spec,
        names,
        st.dictionaries(idents, values, max_size=3),
        st.none() | idents,
        st.none() | dists,
    )


values = st.recursive(literals | names.map(Spec), _grown, max_leaves=8)
specs = _specs_over(values)
