from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from tests.support.servers import CountingProxy


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, online."""
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PTV_OFFLINE", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def moto() -> Iterator[CountingProxy]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    proxy = CountingProxy(server.get_host_and_port()[1])
    yield proxy
    proxy.close()
    server.stop()


class Bucket:
    """A bucket of an S3 server on this machine."""

    def __init__(self, proxy: CountingProxy) -> None:
        self.proxy = proxy
        self._client = boto3.client("s3")
        self._client.create_bucket(Bucket="films")

    def put(self, name: str, body: bytes) -> str:
        """Stores a file; its address."""
        self._client.put_object(Bucket="films", Key=name, Body=body)
        return f"s3://films/{name}"

    def close(self) -> None:
        """Removes the bucket."""
        for found in self._client.list_objects_v2(Bucket="films").get("Contents", []):
            self._client.delete_object(Bucket="films", Key=found["Key"])
        self._client.delete_bucket(Bucket="films")
        self._client.close()


@pytest.fixture
def bucket(moto: CountingProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{moto.port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    one = Bucket(moto)
    yield one
    one.close()
    s3fs.S3FileSystem.clear_instance_cache()
