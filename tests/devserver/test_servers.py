"""The embedded servers: who starts and stops them, and what they survive."""

import os
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from devserver import account, paths, processes, servers
from devserver.processes import ServerFailed
from tests.devserver.conftest import StartUser, kill_servers, running


def ask(data: Path, query: str) -> object:
    """The first value of a query; None of a statement."""
    with psycopg.connect(paths.database_url(data), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def valkey(data: Path, command: str) -> bytes:
    """Valkey's answer to one command."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(paths.redis_socket(data)))
        client.sendall(command.encode() + b"\r\n")
        return client.recv(1000)


def test_the_last_process_stops_them(data: Path, start_user: StartUser) -> None:
    first, second = start_user(), start_user()
    first.leave()
    assert ask(data, "select 1") == 1
    second.leave()
    assert running(data) == []


def test_a_terminated_process_lets_go(data: Path, start_user: StartUser) -> None:
    user = start_user()
    user.process.terminate()
    assert user.process.wait(30) == 128 + signal.SIGTERM
    assert running(data) == []


def test_a_killed_process_lets_go_and_the_next_one_takes_over(data: Path, start_user: StartUser) -> None:
    start_user().kill()
    before = {process.pid for process in running(data)}
    user = start_user()
    assert before & {process.pid for process in running(data)}
    user.leave()
    assert running(data) == []


def test_one_process_counts_once_however_often_it_asks(data: Path) -> None:
    with servers.use(data):
        with servers.use(data):
            pass
        assert ask(data, "select 1") == 1
    assert running(data) == []


def test_a_forked_child_neither_holds_on_nor_stops_them(data: Path) -> None:
    with servers.use(data):
        if (child := os.fork()) == 0:
            servers.end_all()  # what atexit would do there
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert ask(data, "select 1") == 1
    assert running(data) == []


def test_data_survives_kill_9_of_everything(data: Path, start_user: StartUser) -> None:
    user = start_user()
    ask(data, "create table kept as select 7 as n")
    assert valkey(data, "RPUSH queue a").startswith(b":1")
    user.leave()
    user = start_user()
    kill_servers(data)
    user.kill()
    start_user()
    assert ask(data, "select n from kept") == 7
    assert valkey(data, "LLEN queue").startswith(b":1")


@pytest.mark.parametrize("with_backend", [False, True])
def test_a_reused_pid_does_not_stop_postgresql(data: Path, start_user: StartUser, with_backend: bool) -> None:
    user = start_user()
    if with_backend:  # only the postmaster dies: what it leaves behind must go first
        postmaster = int((data / "postgres/postmaster.pid").read_text().split("\n")[0])
        os.kill(postmaster, signal.SIGKILL)
    else:
        kill_servers(data)
    user.kill()
    # Alive, and of the very user PostgreSQL runs as, since it overlooks the pids of others.
    who = account.choose(paths.postgres_folder(data))
    stranger = subprocess.Popen(
        ["sleep", "600"], user=who.uid if who else None, extra_groups=[] if who else None
    )
    try:
        lock = paths.database_socket(data).with_name(".s.PGSQL.5432.lock")
        for file in (data / "postgres/postmaster.pid", lock):
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        start_user()
        assert ask(data, "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_initdb_is_begun_again(data: Path, start_user: StartUser) -> None:
    (data / "postgres.new-left" / "base").mkdir(parents=True)
    start_user()
    assert ask(data, "select 1") == 1
    assert list(data.glob("postgres.new-*")) == []


def test_a_server_without_its_socket_is_started_again(data: Path, start_user: StartUser) -> None:
    start_user().kill()
    paths.database_socket(data).unlink()
    paths.redis_socket(data).unlink()
    start_user()
    assert ask(data, "select 1") == 1


def test_a_removed_folder_leaves_nothing_running(data: Path, start_user: StartUser) -> None:
    user = start_user()
    shutil.rmtree(data)
    user.leave()
    assert running(data) == []


def test_why_it_does_not_start_is_said(data: Path, start_user: StartUser) -> None:
    start_user().leave()
    (data / "postgres/PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match="not compatible with this version"):
        servers.use(data)
    assert running(data) == []


@pytest.mark.parametrize("name", ["x" * 120, "파일 %41 'a' \"b\", c"])
def test_awkward_folders_work(tmp_path: Path, start_user: StartUser, name: str) -> None:
    data = tmp_path / name
    user = start_user(data)
    assert ask(data, "select 1") == 1
    assert valkey(data, "PING") == b"+PONG\r\n"
    folder = paths.socket_folder(data)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    user.leave()
    assert running(data) == []
    assert not folder.exists()


def test_a_planted_socket_folder_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("x" * 120)
    folder = paths.socket_folder(data)
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(ServerFailed, match="is no folder of ours"):
            servers.use(data)
    finally:
        folder.unlink()


def test_text_is_unicode_whatever_the_environment(data: Path, start_user: StartUser) -> None:
    bare = {k: v for k, v in os.environ.items() if k != "LANG" and not k.startswith("LC_")}
    start_user(environment=bare)
    assert ask(data, "select lower('É')") == "é"
    ask(data, "create extension pg_trgm")
    assert ask(data, "select cardinality(show_trgm('김')) > 0") is True
    assert ask(data, "select pg_encoding_to_char(encoding) from pg_database limit 1") == "UTF8"


def test_the_role_is_like_productions(data: Path, start_user: StartUser) -> None:
    start_user()
    assert ask(data, "select not rolsuper and rolcreatedb from pg_roles where rolname = user") is True


def test_root_opens_what_postgresql_needs_and_says_so(tmp_path: Path, start_user: StartUser) -> None:
    """Anyone else is their own user to PostgreSQL, and opens nothing."""
    root = os.geteuid() == 0
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "beside").mkdir(mode=0o700)
    data = closed / "d"
    user = start_user(data)
    owner = (data / "postgres").stat().st_uid
    postgres = processes.in_folder("postgres", paths.postgres_folder(data))
    assert owner != 0
    assert {process.uids().effective for process in postgres} == {owner}
    assert stat.S_IMODE(closed.stat().st_mode) == (0o701 if root else 0o700)
    assert stat.S_IMODE((closed / "beside").stat().st_mode) == 0o700
    said = user.leave()
    assert ("Running as root" in said) is root
    assert (str(closed) in said) is root
    assert "Running as root" not in start_user(data).leave()


def test_root_reads_an_install_under_a_strict_umask(tmp_path: Path) -> None:
    tree = tmp_path / "installed"
    (tree / "bin").mkdir(parents=True)
    program, text = tree / "bin" / "program", tree / "text"
    program.touch(0o700)
    text.touch(0o600)
    for folder in (tree, tree / "bin"):
        folder.chmod(0o700)
    account.admit_tree(account.Account("nobody", 65534, 65534), tree)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tree, tree / "bin", program, text)]
    assert modes == [0o705, 0o705, 0o705, 0o604]
