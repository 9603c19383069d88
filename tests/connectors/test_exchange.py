"""One request and its answer: what arrives, what is broken, and who may be asked."""

from __future__ import annotations

import gzip
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from api_server import Api
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.exchange import Broken, Closed, Exchange, Message
from transforms.errors import OutsideError

pytestmark = pytest.mark.http


def test_a_body_is_decompressed_and_the_names_of_headers_are_small(api: Api) -> None:
    packed = gzip.compress(b"[1, 2]" * 100)
    api.answer = lambda *_: (200, {"Content-Encoding": "gzip", "X-Next": "b"}, packed)
    reply = Exchange().send(Message(api.address))
    assert (reply.status, reply.content, reply.size) == (200, b"[1, 2]" * 100, len(packed))
    assert reply.headers["x-next"] == "b"


def test_a_cut_answer_is_no_answer(api: Api) -> None:
    api.answer = lambda *_: (200, {"Content-Length": "100", "Connection": "close"}, b"[1")
    with pytest.raises(Broken, match="an answer that was cut off") as caught:
        Exchange().send(Message(api.address))
    assert not caught.value.down


def test_that_nobody_is_there_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Broken, match="no connection") as caught:
        Exchange().send(Message(f"http://127.0.0.1:{port}/x"))
    assert caught.value.down


def test_who_waits_when_the_exchange_is_closed_is_told_soon(api: Api) -> None:
    exchange, asked, waited = Exchange(), Event(), Event()

    def answer(*_: Any) -> tuple[int, dict[str, str], Any]:
        asked.set()
        waited.wait(30)
        return 200, {}, []

    api.answer = answer
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(exchange.send, Message(api.address))
        asked.wait(10)
        began = monotonic()
        exchange.close()
        with pytest.raises(Closed):
            waiting.result(20)
        assert monotonic() - began < 10  # a second, and not until the answer comes
        waited.set()


def test_what_fails_while_a_body_is_kept_is_raised_as_it_is(api: Api) -> None:
    def full(_: bytes) -> None:
        raise OutsideError("cannot keep it: No space left on device")

    api.answer = lambda *_: (200, {}, [1])
    with pytest.raises(OutsideError, match="No space left"):
        Exchange().send(Message(api.address), full)


def test_only_the_body_of_a_good_answer_is_kept(api: Api) -> None:
    kept: list[bytes] = []
    api.answer = lambda *_: (500, {}, b"sorry")
    reply = Exchange().send(Message(api.address), kept.append)
    assert (kept, reply.content) == ([], b"sorry")
    api.answer = lambda *_: (200, {}, b"rows")
    assert Exchange().send(Message(api.address), kept.append).content == b""
    assert kept == [b"rows"]


def test_parameters_are_written_as_addresses_have_them(api: Api) -> None:
    api.answer = lambda path, *_: (200, {}, path)
    message = Message(f"{api.address}/記事 1?a=1&b=2").asking({"b": None, "c": True, "d": ["x y", "ü&"]})
    assert Exchange().send(message).json() == "/%E8%A8%98%E4%BA%8B%201"
    assert api.asked == [{"a": "1", "c": "true", "d": "x y"}]
    assert message.address.endswith("?a=1&b=&c=true&d=x+y&d=%C3%BC%26")
    assert Message("http://x/y?sig=a%2Fb").asking({}).address == "http://x/y?sig=a%2Fb"


def test_silence_on_a_connection_that_is_kept_is_no_lack_of_one(api: Api) -> None:
    waited = Event()

    def answer(path: str, *_: object) -> tuple[int, dict[str, str], Any]:
        if path == "/slow":
            waited.wait(30)
        return 200, {}, []

    api.answer = answer
    asking = Exchange(silence_s=1)
    asking.send(Message(api.address))
    with pytest.raises(Broken, match="silence") as caught:
        asking.send(Message(f"{api.address}/slow"))
    waited.set()
    assert not caught.value.down


def test_what_no_repetition_mends_is_told_apart(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Broken, match="its address is none") as caught:
        Exchange().send(Message("http://[bad/x"))
    assert not caught.value.again
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with pytest.raises(Broken, match="SSL_CERT_FILE names no file of certificates") as caught:
        Exchange().send(Message(api.address.replace("http:", "https:")))
    assert not caught.value.again


def test_a_message_shows_no_secret() -> None:
    message = Message("http://x?key=s3cret", {"Authorization": "s3cret"}, b"s3cret")
    assert "s3cret" not in repr(message)


def test_a_header_replaces_another_of_its_name() -> None:
    message = Message("http://x", {"authorization": "old", "X": "1"}).saying({"Authorization": "new"})
    assert message.headers == {"X": "1", "Authorization": "new"}


def test_a_proxy_of_the_machine_is_asked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", api.address)
    api.answer = lambda *_: (200, {}, {"by": "proxy"})
    assert Exchange().send(Message("http://api.invalid/x")).json() == {"by": "proxy"}


def test_a_certificate_is_trusted_only_when_the_machine_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: Any) -> None:
            return

    files = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            message = Message(f"https://127.0.0.1:{server.server_address[1]}/")
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            with pytest.raises(Broken, match="a certificate that is not trusted"):
                Exchange().send(message)
            monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
            assert Exchange().send(message).content == b"[]"
        finally:
            server.shutdown()
            thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, nothing))
    return certificate, private
