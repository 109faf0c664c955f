"""A bucket on a local S3 server, for tests."""

from collections.abc import Iterator

import pytest
from pyarrow import fs


def s3_bucket() -> Iterator[str]:
    """The URI of an empty bucket; the environment names the server and its credentials."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        fs.S3FileSystem(endpoint_override=address, allow_bucket_creation=True).create_dir("tracer")
        yield "s3://tracer"
    server.stop()
