from __future__ import annotations

import pickle

import pytest

from ptv_registry.errors import PtvError
from ptv_registry.redaction import without_secrets
from ptv_remote import AddressError, fetch_http
from ptv_remote.addresses import HTTPAddress, key_of, name_in
from ptv_remote.cache import CachedFile

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a/1.mp4", "http://b/1.mp4"),
        ("http://a:80/1.mp4", "http://a:81/1.mp4"),
        ("http://a/1.mp4", "https://a/1.mp4"),
        ("http://a/1.mp4?v=1", "http://a/1.mp4?v=2"),
        ("http://a/x/1.mp4", "http://a/y/1.mp4"),
        ("http://ann:pw@a/1.mp4", "http://bob:pw@a/1.mp4"),
        ("s3://a/1.mp4", "gs://a/1.mp4"),
    ],
)
def test_addresses_that_differ_anywhere_are_different_files(one, other):
    assert CachedFile.of(one).folder != CachedFile.of(other).folder


@pytest.mark.parametrize("other", ["http://ann:other@a/1.mp4", "http://ann:***@a/1.mp4", "HTTP://ann:pw@A/1.mp4#t=3"])
def test_a_password_a_fragment_and_capitals_of_the_host_make_no_other_file(other):
    assert CachedFile.of("http://ann:pw@a/1.mp4").folder == CachedFile.of(other).folder


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://a/../../../tmp/x/evil.pth", "evil.pth"),
        ("http://a/..", "file"),
        ("http://a/.ssh", "ssh"),
        ("http://a/", "file"),
        ("http://a/b/c d\u00e4.mp4?x=/../y", "c_d_.mp4"),
        ("http://a/%2e%2e%2fb", "_2e_2e_2fb"),
        ("http://a/" + "x" * 5000, "x" * 100),
        ("s3://bucket/..", "file"),
        ("s3://bucket/a\\..\\b", "a_.._b"),
    ],
)
def test_a_name_in_the_cache_stays_in_its_folder(uri, name):
    cached = CachedFile.of(uri)

    assert name == cached.name
    assert cached.folder == cached.file.parent.resolve(strict=False)


@pytest.mark.parametrize(
    "uri",
    [
        "http://",
        "http:///a.mp4",
        "http://[1/a.mp4",
        "http://a:b/x",
        "http://a:99999/x",
        "http://a/\r\nX: y",
        "http://a/\0",
        "http://a\ud800/x",
        "http://a/\ud800",
        "http://" + "ä" * 70 + "/x",
        "http://a..b\u3002/ä",
        "http://\xad/x",
        "http://*/x",
    ],
)
def test_what_is_no_address_is_an_error_of_its_own(uri):
    with pytest.raises(PtvError):
        fetch_http(uri)


@pytest.mark.parametrize("uri", ["http://a/\n", "http://[::1/x", "http://a:b/x"])
def test_the_error_says_what_is_wrong_with_an_address(uri):
    with pytest.raises(AddressError, match="address"):
        HTTPAddress.of(uri)


def test_non_ascii_addresses_are_asked_for(server):
    server.files["%C3%A4/%E8%A7%86%20x.mp4"] = b"film"

    assert b"film" == fetch_http(server.address("ä/视 x.mp4")).path.read_bytes()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://ann:hunter2@h/a", "http://ann:***@h/a"),
        ("cannot open s3://key:hunter2@h/a, at all", "cannot open s3://key:***@h/a, at all"),
        ("http://ann:hunter2@h:80/a@b", "http://ann:***@h:80/a@b"),
        ("http://ann:hun@ter2@h/a", "http://ann:***@h/a"),
        ("http://ann:hun/hunter2@h/a", "http://ann:***@h/a"),
        ("http://h:80/@ann", "http://h:80/@ann"),
        ("http://h/a?X-Amz-Signature=hunter2&x=1", "http://h/a?X-Amz-Signature=***&x=1"),
        ("http://h/a?x=1&token=hunter2#t", "http://h/a?x=1&token=***#t"),
        ("http://h/a?key=hunter2: gone (http://h/a?sig=hunter2)", "http://h/a?key=***: gone (http://h/a?sig=***)"),
        ("ann:hunter2@h is not a URL", "ann:hunter2@h is not a URL"),
    ],
)
def test_what_is_shown_has_no_passwords(text, shown):
    assert shown == without_secrets(text) == without_secrets(without_secrets(text))
    assert shown == str(PtvError(text)) == str(pickle.loads(pickle.dumps(PtvError(text))))


def test_a_login_in_the_address_is_sent_and_nowhere_kept(server, cache, caplog):
    server.body, server.codes = b"film", [503, 404]
    uri = server.url.replace("//", f"//ann:{PASSWORD}@")

    with pytest.raises(PtvError) as caught:
        fetch_http(uri)
    fetch_http(uri)

    assert "Basic YW5uOmh1bnRlcjI=" == server.seen[-1]["Authorization"]
    assert f"127.0.0.1:{server.port}" == server.seen[-1]["Host"]
    assert PASSWORD not in f"{caught.value!r} {caught.value.fields} {caught.value.__cause__!r} {caplog.text}"
    kept = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert b"ann:***@127.0.0.1" in kept
    assert PASSWORD.encode() not in kept


def test_a_login_is_not_passed_on_to_another_host(server):
    from tests.support.servers import file_server

    with file_server() as other:
        other.body = b"film"
        server.redirect = other.url.replace("127.0.0.1", "localhost")

        fetch_http(server.url.replace("//", f"//ann:{PASSWORD}@"))

    assert "Authorization" in server.seen[0]
    assert "Authorization" not in other.seen[0]


def test_names_of_videos_are_without_query():
    assert "1.mp4" == name_in("https://h/a/1.mp4?X-Amz-Signature=x/y")
    assert "a?b.mp4" == name_in("s3://bucket/a?b.mp4")
    assert "http://u@h/a" == key_of("http://u:p@h/a")
