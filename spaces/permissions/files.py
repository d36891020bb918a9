"""Rules filed by what they ask for, so that a question looks up and never scans."""

from collections.abc import Collection, Iterable, Mapping
from itertools import product

from spaces.permissions.vocabulary import Key


class File:
    """Places of rules: a table for each set of keys that rules have, from their values to the places."""

    def __init__(self, rules: Iterable[tuple[int, Mapping[Key, str]]]) -> None:
        self._tables: dict[tuple[Key, ...], dict[tuple[str, ...], list[int]]] = {}
        for place, conditions in rules:
            table = self._tables.setdefault(tuple(conditions), {})
            table.setdefault(tuple(conditions.values()), []).append(place)

    def matching(self, facts: Mapping[Key, Collection[str]]) -> list[int]:
        """Where the rules stand of which every key matches a fact, in no order."""
        found: list[int] = []
        for keys, table in self._tables.items():
            for values in product(*[facts.get(key, ()) for key in keys]):
                found += table.get(values, ())
        return found
