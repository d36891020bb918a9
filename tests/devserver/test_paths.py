"""Where sockets are, and the rule for DATABASE_URL and REDIS_URL."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from devserver import HalfConfigured, is_local, paths


def test_sockets_are_in_the_data_folder_when_they_fit() -> None:
    assert paths.database_socket(Path("/data/var")) == Path("/data/var/run/.s.PGSQL.5432")
    assert paths.redis_socket(Path("/data/var")) == Path("/data/var/run/valkey.sock")


@pytest.mark.parametrize("name", ["x" * 100, "한글", "a b", "a,b", "a%20b", "a?b#c"])
def test_awkward_paths_get_a_short_plain_socket_folder(name: str) -> None:
    folder = Path("/data", name)
    socket = paths.database_socket(folder)
    assert not socket.is_relative_to(folder)
    assert len(os.fsencode(socket)) <= 103
    assert paths.database_socket(folder) == socket
    assert paths.database_socket(Path("/other", name)) != socket


def test_a_runtime_directory_that_is_too_long_itself_gives_way_to_tmp(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    assert paths.socket_folder(long / "var").parent == Path("/tmp")


def test_urls_name_the_socket() -> None:
    url = urlsplit(paths.database_url(Path("/data/var")))
    assert (url.scheme, url.path) == ("postgresql", "/weegloo")
    assert parse_qs(url.query) == {"host": ["/data/var/run"], "port": ["5432"], "user": ["weegloo"]}
    assert paths.redis_url(Path("/data/var")) == "unix:///data/var/run/valkey.sock?db=0"


def test_asking_for_paths_touches_nothing(tmp_path: Path) -> None:
    paths.database_url(tmp_path / "var")
    paths.redis_url(tmp_path / "var")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("environ", "local"),
    [
        ({}, True),
        ({"DATABASE_URL": "", "REDIS_URL": " "}, True),
        ({"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://q"}, False),
    ],
)
def test_neither_url_is_local_mode(environ: dict[str, str], local: bool) -> None:
    assert is_local(environ) is local


@pytest.mark.parametrize(("given", "missing"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_one_url_alone_stops_the_start_and_names_the_other(given: str, missing: str) -> None:
    with pytest.raises(HalfConfigured, match=f"^{missing} is missing"):
        is_local({given: "redis://somewhere"})
