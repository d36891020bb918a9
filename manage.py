#!/usr/bin/env python
"""Django's command line; in local mode it uses, and if need be starts, the embedded servers."""

import os
import sys
from pathlib import Path

# Those that look at the schema, or bring it about; everything else finds the tables there.
SCHEMA_COMMANDS = {"check", "dbshell", "makemigrations", "migrate", "showmigrations", "sqlmigrate"}
# Commands that ask no server. Everything else finds them running.
STATIC_COMMANDS = {"", "collectstatic", "compilemessages", "findstatic", "help", "makemessages", "version"}


def main() -> None:
    """Run one command; servers that only this process used stop with it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        _into_venv()

    from devserver import is_local, paths, prepare, servers
    from devserver.processes import ServerFailed

    command = sys.argv[1] if len(sys.argv) > 1 else ""
    asks_help = command.startswith("-") or {"-h", "--help"} & set(sys.argv)
    if is_local(os.environ) and command not in STATIC_COMMANDS and not asks_help:
        servers.end_on_signals()
        try:
            servers.use(paths.data_folder(os.environ))
        except ServerFailed as error:
            sys.exit(str(error))
        if command not in SCHEMA_COMMANDS:
            prepare.tables()
    execute_from_command_line(sys.argv)


def _into_venv() -> None:
    """Run again with the Python that `make setup` prepared; never returns."""
    venv = Path(__file__).resolve().parent / ".venv"
    if Path(sys.prefix).resolve() == venv or not (venv / "bin" / "python").exists():
        sys.exit("Django is not installed here: run `make setup` first.")
    os.execv(venv / "bin" / "python", [str(venv / "bin" / "python"), *sys.argv])


if __name__ == "__main__":
    main()
