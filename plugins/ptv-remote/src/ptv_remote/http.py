"""One request to a web server: logins, redirects and broken headers in one place."""

from __future__ import annotations

import http.client
import os
import re
import threading
from collections.abc import Generator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from ptv_registry.redaction import without_secrets
from ptv_remote.addresses import HTTPAddress
from ptv_remote.errors import AddressError, DownloadError, RemoteFileNotFoundError

TIMEOUT_S: Final = (10.0, 30.0)
"""To connect, and between two pieces of an answer."""
TRANSIENT: Final = (408, 425, 429, 500, 502, 503, 504)
"""What a server may say today and not tomorrow."""
_SETTLED_S: Final = 60

REDIRECTS: Final = 20
"""How often a server may send on."""
_NO_ADDRESS: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)

BROKEN: Final = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, EOFError)
"""What a connection raises that breaks."""


class BrokenConnectionError(ConnectionError):
    """The connection, or the server, may do better next time."""


class _Session(requests.Session):
    """Does not follow redirects itself, because requests reads the whole body of a redirecting answer, however long it is."""

    def resolve_redirects(self, *args: Any, **kwargs: Any) -> Generator[requests.Response, None, None]:
        yield from ()


_sessions = threading.local()


def _session() -> _Session:
    # Connections must be shared neither with other threads nor with the parent of a fork.
    found: tuple[int, _Session] | None = getattr(_sessions, "found", None)
    if found is None or found[0] != os.getpid():
        found = _sessions.found = os.getpid(), _Session()
    return found[1]


def ask(address: HTTPAddress, headers: Mapping[str, str] | None = None, method: str = "GET") -> requests.Response:
    """Sends a request; the answer's body is read by the caller, who closes it.

    Raises:
        BrokenConnectionError: no answer came, or one that asks to come again.
        DownloadError: the address leads where nobody should go, or the connection is not safe.
        AddressError: requests does not take the address.
    """
    sent = {"User-Agent": "ptv_registry", "Accept-Encoding": "identity", **(headers or {})}
    login: Any = None if address.login is None else tuple(part.encode() for part in address.login)
    url, session = address.url, _session()
    for _ in range(REDIRECTS):
        answer = _ask_once(address, session, method, url, sent, login)
        target = session.get_redirect_target(answer)
        if target is None:
            if answer.status_code in TRANSIENT:
                answer.close()
                raise BrokenConnectionError(f"the server says {answer.status_code} {_plain(answer.reason)}".rstrip())
            return answer
        answer.close()
        before, url = url, _followed(address, url, target)
        if session.should_strip_auth(before, url):
            login = None
    raise DownloadError(f"{address.uri}: redirects more than {REDIRECTS} times", uri=address.uri)


def _ask_once(
    address: HTTPAddress, session: requests.Session, method: str, url: str, headers: Mapping[str, str], login: Any
) -> requests.Response:
    try:
        return session.request(
            method, url, headers=headers, auth=login, stream=True, timeout=TIMEOUT_S, allow_redirects=False
        )
    except (*_NO_ADDRESS, UnicodeError) as error:
        raise AddressError(f"{address.uri!r} is not a web address: {_plain(error)}") from None
    except requests.exceptions.SSLError as error:
        raise DownloadError(f"{address.uri}: {words(error)}", uri=address.uri) from None
    except (*BROKEN, ValueError, OverflowError) as error:
        raise BrokenConnectionError(words(error)) from None


def _followed(address: HTTPAddress, url: str, target: str) -> str:
    """Where a redirect leads."""
    before = urlsplit(url).scheme
    allowed = ("https",) if before == "https" else ("http", "https")
    try:
        followed = urljoin(url, target)
        scheme = urlsplit(followed).scheme
    except ValueError:
        scheme = followed = ""
    if scheme not in allowed:
        only = " or ".join(f"{scheme}://" for scheme in allowed)
        msg = f"{address.uri} leads to {without_secrets(_plain(target))!r}: only {only} is followed from there"
        raise DownloadError(msg, uri=address.uri)
    return followed


def refused(address: HTTPAddress, answer: requests.Response) -> DownloadError:
    """What to raise for an answer that is not a file."""
    answer.close()
    kind = RemoteFileNotFoundError if answer.status_code in (404, 410) else DownloadError
    hint = ""
    if answer.status_code in (401, 403) and address.login is None:
        hint = "; a login is read from ~/.netrc, or from the address (https://user:password@host/...)"
    text = f"{address.uri}: the server says {answer.status_code} {_plain(answer.reason)}".rstrip()
    return kind(text + hint, uri=address.uri, code=answer.status_code)


def words(error: BaseException) -> str:
    """What went wrong, in the words of the innermost cause, without addresses."""
    inner: Any = error
    for _ in range(8):
        reason = getattr(inner, "reason", None)
        deeper = (
            reason
            if isinstance(reason, BaseException)
            else next((a for a in inner.args if isinstance(a, BaseException)), None)
        )
        if deeper is None:
            break
        inner = deeper
    text = without_secrets(_plain(getattr(inner, "strerror", None) or str(inner) or type(inner).__name__))
    return re.sub(r"^<?[\w.]*(?:Connection|Pool)\([^)]*\)>?: ", "", text)


def whole_size(uri: str, answer: requests.Response) -> int | None:
    """The size of the whole file, if the server says it.

    Raises:
        DownloadError: it says something that is not a size.
    """
    if answer.status_code == 206:
        return content_range(answer)[2]
    text = answer.headers.get("Content-Length")
    if text is None:
        return None
    values = {value.strip() for value in text.split(",")}
    value = values.pop()
    if values or not re.fullmatch(r"\d{1,18}", value, re.ASCII):
        answer.close()
        raise DownloadError(f"{uri}: the server says Content-Length: {_plain(text)!r}, which is not a size", uri=uri)
    return int(value)


def content_range(answer: requests.Response) -> tuple[int, int, int | None]:
    """First byte, end (not included) and size of the whole, as ``Content-Range`` says; ``(-1, -1, None)`` if it does not."""
    text = answer.headers.get("Content-Range") or ""
    found = re.fullmatch(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", text, re.ASCII | re.IGNORECASE)
    if found is None:
        return -1, -1, None
    return int(found[1]), int(found[2]) + 1, None if found[3] == "*" else int(found[3])


def strong_mark(headers: Mapping[str, str]) -> str | None:
    """What guarantees equal bytes: a strong ``ETag``, or a ``Last-Modified`` that is settled."""
    etag = headers.get("ETag") or ""
    if etag:
        return None if etag.startswith("W/") else etag
    return settled(headers)


def settled(headers: Mapping[str, str]) -> str | None:
    """The ``Last-Modified``, if it is well before the answer's ``Date``: within its second a file may change again."""
    modified = headers.get("Last-Modified")
    try:
        date = parsedate_to_datetime(headers.get("Date") or "")
        age = (date - parsedate_to_datetime(modified or "")).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return modified if age >= _SETTLED_S else None


def _plain(text: Any) -> str:
    shown = "".join(c if c.isprintable() else " " for c in str(text or ""))
    return shown if len(shown) <= 200 else f"{shown[:200]}..."
