"""Addresses: which scheme they have, what is asked for, and what may be shown and kept of them."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from attrs import field, frozen

from ptv_registry.errors import ArgumentError
from ptv_registry.redaction import HIDDEN, without_secrets
from ptv_remote.errors import AddressError

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def scheme_of(path: str) -> str | None:
    """The scheme of ``scheme://...`` in lower case; ``None`` for a path."""
    found = _SCHEME.match(path)
    return found[1].lower() if found else None


def is_http(path: str) -> bool:
    """Whether this is an address of a web server."""
    return scheme_of(path) in ("http", "https")


def local_path(path: str | os.PathLike[str]) -> str:
    """The path that a ``file://`` URI names; anything else is returned as it is.

    Raises:
        ArgumentError: the URI names another machine.
    """
    path = os.fspath(path)
    if path[:7].lower() != "file://":
        return path
    host, slash, rest = path[7:].partition("/")
    if host not in ("", "localhost"):
        msg = f"{path!r} names the machine {host!r}; a file URI of this machine is file:///folder/name, as Path.as_uri() gives"
        raise ArgumentError(msg)
    return unquote(slash + rest)


@frozen
class HTTPAddress:
    """An address of a web server.

    Attributes:
        uri: as it may be shown and kept: without password and signature.
        key: the whole address but its password and fragment; what tells one file from another.
        url: what the server is asked for, without user and password.
        login: user and password, if the address has them.
    """

    uri: str
    key: str
    url: str
    login: tuple[str, str] | None = field(repr=False)

    @classmethod
    def of(cls, text: str) -> HTTPAddress:
        """Reads an address.

        Raises:
            AddressError: it is none, or has a host or port that cannot be.
        """
        shown = without_secrets(text)
        _check_characters(text)
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise AddressError(f"{shown!r} is not a web address: {error}") from None
        if parts.scheme not in ("http", "https") or not host:
            raise AddressError(f"{shown!r} is not a web address; write https://host/path")
        try:
            host.encode("ascii" if host.isascii() else "idna")
        except UnicodeError as error:
            raise AddressError(f"{shown!r}: {host!r} is not a host name: {error}") from None
        place = f"[{host}]" if ":" in host else host
        place += "" if port is None else f":{port}"
        url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
        login = None
        if parts.username is not None and parts.password != HIDDEN:  # a record of ours has lost the password
            login = unquote(parts.username), unquote(parts.password or "")
        user = "" if parts.username is None else f"{quote(unquote(parts.username), safe='')}@"
        return cls(shown, url.replace("://", f"://{user}", 1), url, login)


def key_of(uri: str) -> str:
    """What tells the file of one address from all others: the whole address, without its password.

    Raises:
        AddressError: it holds a control character or half of a character.
    """
    if is_http(uri):
        return HTTPAddress.of(uri).key
    _check_characters(uri)
    return re.sub(r"(?<=://)([^/?#:]*):[^/?#]*@", r"\1@", uri)


def name_in(uri: str) -> str:
    """The file's name, without a query."""
    path = uri
    if is_http(uri):
        path = re.split(r"[?#]", uri.partition("://")[2].partition("/")[2], maxsplit=1)[0]
    return path.rstrip("/").rsplit("/", 1)[-1]


def _check_characters(uri: str) -> None:
    found = _FORBIDDEN.search(uri)
    if found is not None:
        raise AddressError(f"{without_secrets(uri)!r}: an address has no {found[0]!r}; write it as %xx")
