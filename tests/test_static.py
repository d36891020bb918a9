"""What a browser loads stays small, and nothing of it is unused."""

import re
from collections.abc import Iterator
from pathlib import Path

from devserver.paths import PROJECT
from tests.test_architecture import APPS, TEMPLATES

STATIC = PROJECT / "static"
CSS = 40_000
JAVASCRIPT = 17_000
# Classes that others write into our pages.
DJANGO, HTMX = {"nonfield"}, {"htmx-request"}


def bytes_of(pattern: str) -> int:
    return sum(path.stat().st_size for path in STATIC.rglob(pattern))


def pages() -> Iterator[Path]:
    """The templates that a browser gets; emails have rules of their own."""
    return (path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)


def css() -> Iterator[tuple[str, str]]:
    """Each stylesheet without its comments and strings."""
    for path in sorted((STATIC / "css").glob("*.css")):
        yield path.name, re.sub(r'/\*.*?\*/|"[^"]*"', "", path.read_text(), flags=re.DOTALL)


def words() -> set[str]:
    """Every word that a template, Python or JavaScript could give as a class."""
    sources = [*pages(), *(STATIC / "js").glob("*.js")]
    for app in APPS:
        sources += (PROJECT / app).rglob("*.py")
    return {word for path in sources for word in re.findall(r"[A-Za-z][\w-]*", path.read_text())}


def test_all_css_together_is_small() -> None:
    assert bytes_of("*.css") < CSS


def test_all_javascript_of_ours_is_small() -> None:
    assert bytes_of("*.js") < JAVASCRIPT


def test_no_class_is_styled_that_nothing_has() -> None:
    known = words() | DJANGO | HTMX
    unused = {
        f"{name}: .{found}"
        for name, text in css()
        for found in re.findall(r"(?<![\w\d])\.([A-Za-z][\w-]*)", text)
        if found not in known
    }
    assert unused == set()


def test_every_custom_property_is_used_and_given() -> None:
    text = " ".join(text for _name, text in css())
    given = set(re.findall(r"(--[\w-]+):", text))
    assert given == set(re.findall(r"var\((--[\w-]+)[,)]", text))


def test_no_page_has_style_or_script_of_its_own() -> None:
    """The Content-Security-Policy would refuse them."""
    inline = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|\shx-on|["']js:""")
    assert [path.name for path in pages() if inline.search(path.read_text())] == []
