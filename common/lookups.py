"""A lookup that Django has not."""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Lookup


@CharField.register_lookup
class AnyOf(Lookup):
    """``field__any=values``: ``IN`` with one array as its parameter.

    Ten thousand values are one parameter then, not ten thousand for Django to resolve and for
    PostgreSQL to parse.
    """

    lookup_name = "any"

    def get_prep_lookup(self) -> list[str]:
        """The values as a list."""
        values: Iterable[str] = self.rhs
        return list(values)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """``field = ANY(array)``."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*parameters, self.rhs]
