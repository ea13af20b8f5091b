"""Whether a web server has a file."""

from __future__ import annotations

import time

from ptv_remote.addresses import HTTPAddress
from ptv_remote.cache import CachedFile, is_offline
from ptv_remote.download import ATTEMPTS, WAIT_S
from ptv_remote.errors import DownloadError
from ptv_remote.http import BrokenConnectionError, ask, refused


def exists(uri: str) -> bool:
    """Whether the server has a file there; offline, whether the cache has it.

    Raises:
        DownloadError: the server does not say.
    """
    address = HTTPAddress.of(uri)
    if is_offline():
        return CachedFile.of(uri).file.is_file()
    method = "HEAD"
    for attempt in range(ATTEMPTS):
        try:
            with ask(address, method=method) as answer:
                if answer.status_code in (403, 405, 501) and method == "HEAD":
                    method = "GET"  # whose body is not read
                    continue
                if answer.status_code in (404, 410):
                    return False
                if answer.status_code != 200:
                    raise refused(address, answer)
                return True
        except BrokenConnectionError as error:
            cause = error
        time.sleep(WAIT_S * 2**attempt)
    raise DownloadError(f"{address.uri}: cannot be reached ({cause})", uri=address.uri) from None
