"""`make bench`: prints a table of all benchmarks; WRITE=1 writes it to docs/benchmarks.md.

Times are medians on whatever machine this is; the ratios are what counts.
"""

import os
import platform
import sys
from pathlib import Path

import django

_HEAD = """# Benchmarks

`make bench` on {machine}, Python {python}, Django {django}; medians. The machine is shared: compare
the lines of one run with each other, not with those of another.

"""


def main() -> int:
    """Run them all on the tests' servers; 1 when one is over its limit."""
    import tests.servers  # noqa: F401  # before the settings: the tests' own servers

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    from django.test.utils import setup_databases

    from tools.bench import api, pages, permissions

    setup_databases(verbosity=0, interactive=False, keepdb=True)
    figures = api.run()
    ratios = api.ratios(figures)
    decisions = permissions.run()
    rows = [f"| {what} | {seconds * 1000:.2f} ms |" for what, seconds in (figures | decisions).items()]
    rows += [f"| {what} | {ratio:.1f} × |" for what, ratio in ratios.items()]
    table = "\n".join(["| what | |", "|---|---|", *rows]) + "\n"
    weights = pages.run()
    table += f"\nIn Chromium, caches empty, on this machine's own loopback:\n\n{pages.table(weights)}"
    print(table)
    if os.environ.get("WRITE") == "1":
        head = _HEAD.format(
            machine=f"{os.cpu_count()} cores, {platform.system()}",
            python=platform.python_version(),
            django=django.get_version(),
        )
        Path("docs/benchmarks.md").write_text(head + table)
    over = max(ratios.values()) > api.LIST or next(iter(decisions.values())) > permissions.LIMIT
    over = over or pages.are_over(weights)
    return int(over or figures["1,000 invitations in bulk"] > api.INVITATIONS)


if __name__ == "__main__":
    sys.exit(main())
