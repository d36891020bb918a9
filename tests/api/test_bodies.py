"""Bodies on the wire: chunked, coded, too long, cut short (api.md, Bodies)."""

import gzip
import io
import json

import pytest
from django.test import AsyncClient

from api.core.bodies import read_bytes
from api.core.refusals import LengthRequired, PayloadTooLarge
from spaces.models import Space
from tests.api.caller import PATCH, VENDOR, Caller, code
from tests.api.served import SERVERS, send, served
from tests.cast import make_cast

MIB = 1024 * 1024
END = b"0\r\n\r\n"


def chunk(part: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(part), extension, part)


def in_chunks(body: bytes, size: int, extension: bytes = b"") -> list[bytes]:
    return [chunk(body[at : at + size], extension) for at in range(0, len(body), size)]


BODY = json.dumps({"name": "한글 Space"}, ensure_ascii=False).encode()
FRAMED = {
    "one chunk": [chunk(BODY), END],
    "all in one write": [chunk(BODY) + END],
    "a chunk for each byte": [*in_chunks(BODY, 1), END],
    "chunks within characters": [*in_chunks(BODY, 11), END],
    "a chunk torn between writes": [chunk(BODY)[:5], chunk(BODY)[5:], END[:2], END[2:]],
    "chunk extensions": [*in_chunks(BODY, 7, b';name=value;quoted="a b"'), b"0;last\r\n\r\n"],
    "trailers": [chunk(BODY), b"0\r\nX-Checksum: abc\r\nExpires: never\r\n\r\n"],
    "upper case and leading zeros": [b"00%X\r\n%s\r\n" % (len(BODY), BODY), END],
    "a byte order mark": [chunk(b"\xef\xbb\xbf"), chunk(BODY), END],
    "just under 1 MiB": [*in_chunks(BODY + b" " * (MIB - len(BODY)), 65_000), END],
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [name for name in SERVERS if name.startswith("granian")])
def test_chunked_bodies_are_read_like_any_other(name, tmp_path):
    cast = make_cast()
    token = Caller(cast.owner).secret
    spaces = f"/v1/organizations/{cast.organization.pk}/spaces"
    one = f"/v1/spaces/{cast.space.pk}"

    def chunked(method, path, *pieces, **headers):
        return send(port, method, path, token, *pieces, Transfer_Encoding="chunked", **headers)

    with served(name, tmp_path) as port:
        for kind, pieces in FRAMED.items():
            made = chunked("POST", spaces, *pieces)
            assert (kind, made.status) == (kind, 201), made.content
            assert made.json["name"] == "한글 Space"
        put = chunked("PUT", one, *in_chunks(b'{"name":"Put"}', 3), END, X_Weegloo_Version="1")
        assert (put.status, put.json["name"]) == (200, "Put")
        patch = chunk(b'[{"op":"replace","path":"/name",'), chunk(b'"value":"Patched"}]'), END
        patched = chunked("PATCH", one, *patch, Content_Type=PATCH, X_Weegloo_Version="2")
        assert (patched.status, patched.json["name"]) == (200, "Patched")
        for size in (MIB + 1, 3 * MIB):
            large = chunked("POST", spaces, *in_chunks(b" " * size, 65_000), END)
            assert (large.status, large.code) == (413, "WGL413901")
        nothing = chunked("POST", spaces, END)
        assert (nothing.status, nothing.code) == (400, "WGL400907")
        coded = chunked("POST", spaces, chunk(gzip.compress(BODY)), END, Content_Encoding="gzip")
        assert (coded.status, coded.code) == (415, "WGL415901")
        stated = send(port, "POST", spaces, token, BODY, Content_Length=str(len(BODY)))
        assert stated.status == 201
    assert Space.objects.filter(name="한글 Space").count() == len(FRAMED) + 1


@pytest.mark.django_db(transaction=True)
def test_a_server_that_cannot_decode_chunks_asks_for_the_length(tmp_path):
    cast = make_cast()
    token = Caller(cast.owner).secret
    spaces = f"/v1/organizations/{cast.organization.pk}/spaces"
    with served("runserver", tmp_path) as port:
        refused = send(port, "POST", spaces, token, chunk(BODY), END, Transfer_Encoding="chunked")
        assert (refused.status, refused.code) == (411, "WGL411901")
        assert "Content-Length" in refused.json["suggestion"]
        assert send(port, "POST", spaces, token, BODY, Content_Length=str(len(BODY))).status == 201


class Terminated(io.BytesIO):
    """What a web server gives that ends the input by itself, a few bytes at a time."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0, "never everything at once"
        self.asked += min(size, 1000)
        return super().read(min(size, 1000))


def terminated(rf, body):
    stream = Terminated(body)
    request = rf.generic("POST", "/", **{"wsgi.input": stream, "wsgi.input_terminated": True})
    return request, stream


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 65_536, MIB])
def test_an_input_that_ends_by_itself_is_read_to_its_end(rf, length):
    request, _stream = terminated(rf, b"a" * length)
    assert read_bytes(request) == b"a" * length


def test_of_a_longer_one_no_more_is_read_than_may_be_there(rf):
    request, stream = terminated(rf, b"a" * 50 * MIB)
    with pytest.raises(PayloadTooLarge):
        read_bytes(request)
    assert stream.asked <= MIB + 1000


@pytest.mark.parametrize("length", ["x", "-1", "9" * 30, "٣"])
def test_a_length_that_is_no_number_is_no_length(rf, length):
    request = rf.generic("POST", "/", BODY, CONTENT_LENGTH=length)
    with pytest.raises(LengthRequired):
        read_bytes(request)


# --- Through Django's clients -------------------------------------------------------------


@pytest.fixture
def base(cast):
    return f"/organizations/{cast.organization.pk}"


def test_a_body_without_its_length_is_refused_with_411(callers, base):
    said = {"Authorization": f"Bearer {callers.owner.secret}", "Transfer-Encoding": "chunked"}
    response = callers.owner.client.generic("POST", f"/v1{base}/spaces", headers=said, CONTENT_TYPE=VENDOR)
    assert (response.status_code, code(response)) == (411, "WGL411901")
    assert "Content-Length" in response.json()["suggestion"]


def test_a_body_that_ends_before_its_length_is_not_taken_for_the_whole(callers, base):
    response = callers.owner.client.generic(
        "POST",
        f"/v1{base}/spaces",
        BODY,
        content_type=VENDOR,
        headers={"Authorization": f"Bearer {callers.owner.secret}"},
        **{"wsgi.input": io.BytesIO(BODY[:-3]), "CONTENT_LENGTH": str(len(BODY))},
    )
    assert (response.status_code, code(response)) == (400, "WGL400907")
    assert "ended before" in response.json()["reason"]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate", "identity, gzip", "zstd", "nonsense"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_content_coding_is_refused_with_415(callers, base, method, coding):
    path = f"{base}/spaces" if method == "POST" else base
    response = callers.owner(method, path, {"name": "x"}, version=1, Content_Encoding=coding)
    assert (response.status_code, code(response)) == (415, "WGL415901")
    assert "Content-Encoding" in response.json()["suggestion"]
    assert response["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_no_content_coding_is_fine(callers, base, coding):
    assert callers.owner.post(f"{base}/spaces", {"name": "x"}, Content_Encoding=coding).status_code == 201


def test_a_byte_order_mark_is_ignored_at_the_beginning_alone(callers, base):
    mark = b"\xef\xbb\xbf"
    assert callers.owner.post(f"{base}/spaces", raw=mark + BODY).json()["name"] == "한글 Space"
    patch = mark + b'[{"op":"replace","path":"/name","value":"New"}]'
    assert callers.owner.patch(base, raw=patch, version=1).json()["name"] == "New"
    for raw in (mark + mark + BODY, BODY + mark, mark, b"\xff\xfe" + BODY):
        assert code(callers.owner.post(f"{base}/spaces", raw=raw)) == "WGL400907", raw


def test_a_bulk_invitation_may_have_4_mib(callers, base):
    def invited(length):
        raw = json.dumps({"emails": ["a@example.com"]}).encode().ljust(length)
        return callers.owner.post(f"{base}/organization-memberships/bulk", raw=raw)

    assert invited(4 * MIB).status_code == 200
    over = invited(4 * MIB + 1)
    assert (over.status_code, code(over)) == (413, "WGL413901")
    assert "4 MiB" in over.json()["reason"]


async def posted(client, path, secret, body, **headers):
    said = {"Authorization": f"Bearer {secret}", **headers}
    return await client.generic("POST", path, body, content_type=VENDOR, headers=said)


@pytest.mark.django_db(transaction=True)
def test_the_same_holds_for_asgi():
    """Django's ASGI handler reads any framing by itself; the limit is ours."""
    from asgiref.sync import async_to_sync

    cast = make_cast()
    secret, path = Caller(cast.owner).secret, f"/v1/organizations/{cast.organization.pk}/spaces"
    client = AsyncClient(raise_request_exception=False)
    post = async_to_sync(posted)
    assert post(client, path, secret, BODY).status_code == 201
    assert post(client, path, secret, b" " * (MIB + 1)).status_code == 413
    assert post(client, path, secret, BODY, **{"Content-Encoding": "gzip"}).status_code == 415
