"""The words of the product: found in code and templates, kept in ``locale/``, compiled.

``make words`` runs it. Nothing of gettext's own tools is needed, and the same words always give
the same two files, so that ``tests/test_words.py`` can hold them in step.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

type Id = str | tuple[str, str]
type Key = tuple[str | None, Id]

PROJECT = Path(__file__).resolve().parent.parent
LOCALE = PROJECT / "locale"
_FUNCTIONS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Said by Django on our screens, with translations of ours where its own have another voice.
_DJANGO: tuple[Id, ...] = (
    "This field is required.",
    "Enter a whole number.",
    "Enter a list of values.",
    "Null characters are not allowed.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Ensure this value is greater than or equal to %(limit_value)s.",
    (
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    "now",
    ("a second ago", "%(count)s\u00a0seconds ago"),
    ("a minute ago", "%(count)s\u00a0minutes ago"),
    ("an hour ago", "%(count)s\u00a0hours ago"),
    ("a second from now", "%(count)s\u00a0seconds from now"),
    ("a minute from now", "%(count)s\u00a0minutes from now"),
    ("an hour from now", "%(count)s\u00a0hours from now"),
)
# In English only, for whoever builds the console.
_ENGLISH = {PROJECT / "templates" / "styleguide.html"}


class _Catalogue(Catalog):
    """A catalogue whose header says nothing that changes from one run to the next."""

    mime_headers = property(
        lambda self: [
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]
    )


def languages() -> list[str]:
    """The languages that have a catalogue; English is in the code itself."""
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


def path_of(language: str) -> Path:
    """The catalogue of a language, to be read by people; the compiled one lies beside it."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def key_of(message: Message) -> Key:
    """What makes a message the same message."""
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


def messages(catalogue: Catalog) -> dict[Key, Message]:
    """The messages by what they are, without the header."""
    return {key_of(message): message for message in catalogue if message.id}


def strings(message: Message) -> tuple[str, ...]:
    """The translation, one string for each form it has."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def read(language: str) -> Catalog:
    """The catalogue of a language as it lies there."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def found(language: str) -> Catalog:
    """Every message of the code and the templates, with the translations that the language has for them."""
    old = read(language)
    known = messages(old)
    new = _Catalogue(locale=language, header_comment=old.header_comment, fuzzy=False)
    for source, context, words in _words():
        before = known.get((context, words))
        new.add(
            words,
            before.string if before else "",
            locations=[(source, 0)],
            flags=before.flags if before else (),
            user_comments=before.user_comments if before else (),
            context=context,
        )
    return new


def written(catalogue: Catalog) -> bytes:
    """The catalogue as the file for people: by file, without line numbers."""
    file = BytesIO()
    write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the file for programs."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> int:
    """Bring every catalogue up to date; 1 while words are missing in one."""
    missing = 0
    for language in languages():
        catalogue = found(language)
        path = path_of(language)
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        empty = [message for message in messages(catalogue).values() if not all(strings(message))]
        print(f"{language}: {len(messages(catalogue))} messages, {len(empty)} to translate")
        for message in empty:
            print(f"  {message.id!r}")
        missing += len(empty)
    return 1 if missing else 0


def _words() -> Iterator[tuple[str, str | None, Id]]:
    """Every message, with where it is said and its context."""
    for source in sorted(_sources()):
        for _, words, _, context in _said(source):
            yield source.relative_to(PROJECT).as_posix(), context, words
    for words in _DJANGO:
        yield "django", None, words


def _sources() -> Iterator[Path]:
    """The code and the templates of the product."""
    for package in PROJECT.iterdir():
        if (package / "__init__.py").is_file() and package.name != "tests":
            yield from (path for path in package.rglob("*.py") if path.parent.name != "migrations")
            yield from _templates(package / "templates")
    yield from _templates(PROJECT / "templates")


def _templates(folder: Path) -> Iterator[Path]:
    for kind in ("html", "txt"):
        yield from (path for path in folder.rglob(f"*.{kind}") if path not in _ENGLISH)


def _said(source: Path) -> Iterator[tuple[int, Id, list[str], str | None]]:
    """The messages of one file."""
    code = source.read_bytes()
    if source.suffix != ".py":
        code = _as_code(code.decode(), source.as_posix()).encode()
    yield from extract("python", BytesIO(code), _FUNCTIONS, options={"encoding": "utf-8"})  # type: ignore[misc]


def _as_code(template: str, name: str) -> str:
    """The messages of a template as calls of gettext's functions; what is indented would be no Python."""
    lines = templatize(template, origin=name).splitlines()
    return "\n".join(line.strip() for line in lines)


if __name__ == "__main__":
    sys.exit(main())
