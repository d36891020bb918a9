"""The codes of refusals (api.md, Codes): WEEGLOO's keep their meaning, ours have a block of their own."""

import re

import pytest

import api.cma  # noqa: F401  # loads every module that defines a refusal
from common.errors import DomainError
from devserver.paths import PROJECT

# Every code that WEEGLOO documents and that this product answers.
DOCUMENTED = {
    *("WGL400006", "WGL400020", "WGL401001", "WGL404001", "WGL409005"),
    *("WGL422001", "WGL422024", "WGL422025", "WGL422078", "WGL422079", "WGL429001", "WGL429004"),
}


def refusals(base: type[DomainError] = DomainError) -> set[type[DomainError]]:
    """``base`` and every refusal that derives from it."""
    return {base}.union(*(refusals(error) for error in base.__subclasses__()))


@pytest.mark.parametrize("error", sorted(refusals(), key=lambda error: error.__name__))
class TestEveryRefusal:
    def test_has_a_code_of_weegloo_or_of_our_own_block(self, error):
        assert error.code in DOCUMENTED or re.fullmatch(r"WGL\d{3}9\d\d", error.code)

    def test_has_a_code_that_begins_with_its_status(self, error):
        assert error.code[3:6] == str(error.status)

    def test_has_its_code_in_the_documentation(self, error):
        assert f"| {error.code} |" in (PROJECT / "docs/api.md").read_text()


def test_one_code_has_one_status_and_one_type():
    kinds = {(error.code, error.status, error.kind) for error in refusals()}
    assert len(kinds) == len({code for code, _status, _kind in kinds})


def test_no_file_of_the_product_names_another_code():
    """Templates and documentation name only codes that some refusal has."""
    known = {error.code for error in refusals()}
    files = [
        path
        for folder in ("templates", "static", "docs", "api", "common", "memberships", "spaces", "organizations")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in {".html", ".js", ".md", ".py"}
    ]
    named = {code for path in files for code in re.findall(r"WGL\d{6}", path.read_text())}
    assert named == known
