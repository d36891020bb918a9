"""What the main screens cost in Chromium, from a running console (issue 5).

python -m tools.bench.pages
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import Console, make_worlds, sign_in
from tests.browser.weight import MAIN_SCREENS, Weight, weigh_load, weigh_page_of_rows
from tests.browser.worlds import OWNER
from tests.console import Start, free_port
from tools import chromium

FIRST_LOAD, PAGE_OF_ROWS = 70_000, 12_000
ROWS = "Membership, 50 rows"
SWAP = "Membership, a page of 50 rows by htmx"


def run() -> dict[str, Weight]:
    """The weight of each main screen's first load, and of a page of rows."""
    path = chromium.find()
    assert path, "No Chromium: install chromium, or set CHROMIUM."
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = Start(Path(folder) / "d", free_port())
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            started.wait_ready()
            return _weigh(browser, Console(started))
        finally:
            browser.close()
            started.process.terminate()
            started.process.wait(30)


def _weigh(browser: Browser, console: Console) -> dict[str, Weight]:
    worlds = make_worlds(console)
    found = {}
    with browser.new_context(base_url=console.url) as context:
        sign_in(context.new_page(), console, OWNER)
        for name, path in MAIN_SCREENS.items():
            weigh_load(context, path.format(**worlds))[0].close()  # the console's own first time
            page, found[name] = weigh_load(context, path.format(**worlds))
            if name == ROWS:
                found[SWAP] = weigh_page_of_rows(page)
            page.close()
    return found


def table(weights: dict[str, Weight]) -> str:
    """As Markdown."""
    lines = ["| first load | bytes | requests | DOMContentLoaded | layout shift |", "|---|---|---|---|---|"]
    for name, weight in weights.items():
        ready = f"{weight.ready:.0f} ms" if weight.ready else ""
        lines.append(f"| {name} | {weight.bytes:,} | {weight.requests} | {ready} | {weight.shift:g} |")
    return "\n".join(lines) + "\n"


def are_over(weights: dict[str, Weight]) -> bool:
    """Whether a limit is passed."""
    heavy = weights[ROWS].bytes >= FIRST_LOAD or weights[SWAP].bytes >= PAGE_OF_ROWS
    return heavy or any(weight.shift for weight in weights.values())


def main() -> int:
    """Print the table; 1 when a limit is passed."""
    weights = run()
    print(table(weights))
    return int(are_over(weights))


if __name__ == "__main__":
    sys.exit(main())
