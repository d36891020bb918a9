"""Rules filed by what they ask for, so that a question looks up and never scans."""

from collections.abc import Iterable, Mapping

from spaces.permissions.vocabulary import Key

type _Keys = tuple[Key, ...]
type _Table = dict[tuple[str, ...], list[int]]
# A table, the keys besides the tag that it is looked up by, and whether the tag follows them.
type _Step = tuple[_Table, _Keys, bool]


class File:
    """Places of rules, by their conditions.

    For each set of keys that rules have and each part of it that a question knows, there is one
    table from the known values to the places; plans and tables are made when first needed.
    """

    def __init__(self, rules: Iterable[tuple[int, dict[Key, str]]]) -> None:
        self._entries: dict[_Keys, list[tuple[dict[Key, str], int]]] = {}
        for place, conditions in rules:
            self._entries.setdefault(tuple(conditions), []).append((conditions, place))
        self._plans: dict[tuple[_Keys, bool, bool], list[_Step]] = {}
        self._tables: dict[tuple[_Keys, _Keys], _Table] = {}

    def matching(
        self, facts: Mapping[Key, str], tags: frozenset[str] | None, *, possibly: bool = False
    ) -> list[int]:
        """Where the rules stand whose conditions hold; with ``possibly``, those of which none fails.

        In no order. A fact that is missing, or ``tags`` of None, is not known.
        """
        about = (tuple(facts), tags is not None, possibly)
        plan = self._plans.get(about)
        if plan is None:
            plan = self._plans[about] = self._plan(*about)
        found: list[int] = []
        for table, keys, tagged in plan:
            values = tuple([facts[key] for key in keys])
            if not tagged:
                found += table.get(values, ())
            else:
                for tag in tags or ():
                    found += table.get((*values, tag), ())
        return found

    def _plan(self, facts: _Keys, tags: bool, possibly: bool) -> list[_Step]:
        plan = []
        for keys in self._entries:
            known = tuple(key for key in keys if key in facts)
            tagged = tags and Key.TAG in keys
            if possibly or len(known) + tagged == len(keys):
                plan.append((self._table(keys, (*known, Key.TAG) if tagged else known), known, tagged))
        return plan

    def _table(self, keys: _Keys, by: _Keys) -> _Table:
        """The rules that ask for ``keys``, looked up ``by`` those of them that are known."""
        table = self._tables.get((keys, by))
        if table is None:
            table = self._tables[keys, by] = {}
            for conditions, place in self._entries[keys]:
                table.setdefault(tuple([conditions[key] for key in by]), []).append(place)
        return table
