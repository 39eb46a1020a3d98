"""One request, sent once: what certainly did not arrive is told from what may have, and nothing secret is shown."""

import socket
import threading
from collections.abc import Iterator

import pytest

from execution.clients.sending import Answered, Outgoing, UnclearError, send
from execution.errors import NetworkError, UsageError


def outgoing(url: str, **headers: str) -> Outgoing:
    return Outgoing("POST", url, headers, b"{}")


@pytest.fixture
def answering() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one request and answers with what it is given."""
    script: list[bytes] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(5)
                connection.recv(65536)
                for part in script:
                    connection.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/secretpath", script
        thread.join(5)


def test_an_answer(answering: tuple[str, list[bytes]]) -> None:
    url, script = answering
    script.append(b"HTTP/1.1 202 Accepted\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nok")
    assert send(outgoing(url), 2) == Answered(202, {"retry-after": "7", "content-length": "2"}, b"ok")


def test_a_body_that_breaks_off_does_not_undo_what_was_told(answering: tuple[str, list[bytes]]) -> None:
    url, script = answering
    script.append(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok")
    assert send(outgoing(url), 2).status == 200


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n"])
def test_no_answer_leaves_it_unclear(answering: tuple[str, list[bytes]], answer: bytes) -> None:
    url, script = answering
    script.append(answer)
    with pytest.raises(UnclearError) as caught:
        send(outgoing(url, authorization="Bearer t0ken"), 2)
    assert "secretpath" not in str(caught.value)
    assert "t0ken" not in repr(caught.value)


def test_who_cannot_be_reached_certainly_has_nothing() -> None:
    with pytest.raises(NetworkError) as caught:
        send(outgoing("http://127.0.0.1:9/secretpath"), 2)
    assert not isinstance(caught.value, UnclearError)
    assert str(caught.value) == "E330 127.0.0.1 cannot be reached: no connection"


@pytest.mark.parametrize("url", ["ftp://x/", "x", "", "http://", "http://x y/", "javascript:alert(1)", "http://x\n/"])
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(UsageError, match="no web address"):
        send(outgoing(url), 2)


def test_a_header_that_cannot_be_sent_is_not(answering: tuple[str, list[bytes]]) -> None:
    url, script = answering
    script.append(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(UsageError, match="cannot be sent") as caught:
        send(outgoing(url, token="s3cr3t\r\nX: 1"), 2)
    assert "s3cr3t" not in str(caught.value)
    socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))).close()


def test_nothing_secret_is_in_its_repr() -> None:
    shown = repr(Outgoing("POST", "http://x/secretpath", {"authorization": "t0ken"}, b"body"))
    assert shown == "Outgoing(method='POST')"
