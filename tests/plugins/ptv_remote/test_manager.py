from __future__ import annotations

import io
import subprocess
import sys

import pytest
from importlib_metadata import EntryPoint, EntryPoints
from iopath.common.file_io import HTTPURLHandler, PathHandler, g_pathmgr

from ptv_registry.errors import PluginLoadError, PtvError
from ptv_remote import StorageUnavailableError, manager, path_manager
from ptv_remote.handlers import HTTPHandler, OneDriveHandler


class Shelf(PathHandler):
    def __init__(self, prefix: str, content: bytes = b"") -> None:
        super().__init__()
        self.prefix, self.content = prefix, content

    def _get_supported_prefixes(self) -> list[str]:
        return [self.prefix]

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: object) -> io.BytesIO:
        return io.BytesIO(self.content)


def shelf_of(scheme: str) -> Shelf:
    return Shelf(f"{scheme}://", b"declared")


@pytest.fixture
def handlers(monkeypatch):
    """Both managers as they were before."""
    for one in (path_manager, g_pathmgr):
        monkeypatch.setattr(one, "_path_handlers", one._path_handlers.copy())
    monkeypatch.setattr(path_manager, "_storages", {})
    return monkeypatch


@pytest.fixture
def storages(handlers):
    def declare(*values: str) -> None:
        points = EntryPoints(EntryPoint(name="shelf", value=value, group=manager.GROUP) for value in values)
        handlers.setattr(manager, "entry_points", lambda **wanted: points.select(**wanted))

    return declare


def content(path: str) -> bytes:
    with path_manager.open(path, "rb") as file:
        return file.read()


def test_handlers_of_the_global_manager_of_iopath_are_seen(handlers):
    g_pathmgr.register_handler(Shelf("shelf://", b"global"))
    assert b"global" == content("shelf://a")

    path_manager.register_handler(Shelf("shelf://", b"own"))
    assert b"own" == content("shelf://a")

    g_pathmgr.register_handler(Shelf("shelf://special/", b"longer"))
    assert [b"longer", b"own"] == [content("shelf://special/a"), content("shelf://a")]


def test_a_handler_of_iopath_for_all_of_http_does_not_take_ours_away(handlers):
    g_pathmgr.register_handler(HTTPURLHandler(), allow_override=True)

    assert type(path_manager.handler_for("http://h/a")) is HTTPHandler
    assert type(path_manager.handler_for("HTTPS://h/a")) is HTTPHandler


def test_shared_links_of_onedrive_are_turned_into_files():
    handler = path_manager.handler_for("https://1drv.ms/u/s!Aus8VCZ_C_33gQbJsUPTIj3rQu99")

    assert isinstance(handler, OneDriveHandler)
    assert (
        "https://api.onedrive.com/v1.0/shares/u!aHR0cHM6Ly8xZHJ2Lm1zL3UvcyFBdXM4VkNaX0NfMzNnUWJKc1VQVElqM3JRdTk5/root/content"
        == handler.address("https://1drv.ms/u/s!Aus8VCZ_C_33gQbJsUPTIj3rQu99")
    )


def test_a_distribution_declares_a_storage(storages):
    storages(f"{__name__}:shelf_of")

    assert b"declared" == content("shelf://a")


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (["no_such_module:shelf"], PluginLoadError, "does not import: No module named"),
        (["builtins:len", "builtins:str"], StorageUnavailableError, "uninstall one"),
        (["builtins:str"], PluginLoadError, "no iopath PathHandler"),
    ],
)
def test_a_storage_that_is_broken_says_so(storages, values, error, message):
    storages(*values)

    with pytest.raises(error, match=message):
        path_manager.open("shelf://a")


@pytest.mark.parametrize("mode", ["w", "wb", "a", "r+b", "x"])
def test_a_web_server_is_read_only(mode):
    with pytest.raises(PtvError, match="can be read only"):
        path_manager.open("http://127.0.0.1/a", mode)


def test_whether_there_is_a_file(server):
    server.body = b"x"
    assert path_manager.exists(server.url)
    assert path_manager.isfile(server.url)
    assert not path_manager.isdir(server.url)
    assert 0 == server.sent

    server.codes = [404, 405]
    assert not path_manager.exists(server.url)
    assert path_manager.exists(server.url)


def test_paths_are_paths(tmp_path):
    (tmp_path / "http:").mkdir()
    (tmp_path / "http:" / "a").write_bytes(b"x")

    assert b"x" == content(str(tmp_path / "http:" / "a")) == content(tmp_path / "http:" / "a")


def test_file_uris_are_paths(tmp_path):
    (tmp_path / "my clips").mkdir()
    path = tmp_path / "my clips" / "a\u00e4 %20.txt"
    path.write_bytes(b"x")

    assert b"x" == content(path.as_uri()) == content(path.as_uri().replace("file:///", "FILE://localhost/"))
    assert [True, True] == [path_manager.isdir(path.parent.as_uri()), path_manager.isfile(path.as_uri())]
    assert str(path) == path_manager.get_local_path(path.as_uri())
    with pytest.raises(PtvError, match="names the machine 'elsewhere'"):
        path_manager.open("file://elsewhere/a")


def test_nothing_that_asks_is_imported_before_something_is_asked_for():
    code = (
        "import sys, ptv_remote.manager, ptv_remote.hooks, ptv_remote.errors\n"
        "print([m for m in ('requests', 'urllib3', 'fsspec', 's3fs', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
