"""10,000 decisions for a person with 3 large SpaceRoles: under 0.2 s (issue 4).

python -m tools.bench.permissions
"""

import os
import random
import statistics
import time

import django

LIMIT = 0.2
DECISIONS = 10_000


def run() -> dict[str, float]:
    """Seconds of processor time by what was measured, the middle of five rounds."""
    # After django.setup(), which whoever runs this has seen to.
    from spaces.models import SpaceRole
    from spaces.permissions import ACTIONS, MAPS, TARGETS, Map, Permissions, Request, covers, refer, validate
    from spaces.permissions.validation import MAX_RULES

    dice = random.Random(4)
    person = "person"
    values = {
        "contentType": [f"type{number}" for number in range(50)],
        "createdBy": [":self", person, *(f"user{number}" for number in range(50))],
        "tag": [f"tag{number}" for number in range(50)],
        "self": [f"one{number}" for number in range(50)],
    }

    def rules(kind: Map, number: int) -> list[dict]:
        made: list[dict] = []
        while len(made) < number:
            keys = dice.sample(list(TARGETS[kind]), dice.randint(1, len(TARGETS[kind])))
            rule = {key.value: refer(TARGETS[kind][key], dice.choice(values[key])) for key in keys}
            if rule not in made:
                made.append(rule)
        return made

    def large_role(name: str) -> SpaceRole:
        """As many rules as a role may have, crowded onto content."""
        content = {
            "All": {"Allow": rules(Map.CONTENT, 100), "Deny": rules(Map.CONTENT, 60)},
            "Read": {"Allow": rules(Map.CONTENT, 100)},
            "Edit": {"Allow": rules(Map.CONTENT, 80), "Deny": rules(Map.CONTENT, 40)},
        }
        others = {kind.value: {"All": {"Allow": rules(kind, 40)}} for kind in MAPS if kind != Map.CONTENT}
        shape = validate({"content": content, **others, "settings": ["SETTING_TAG"]})
        return SpaceRole(pk=name, name=name, **shape.as_fields())

    def question() -> Request:
        kind = dice.choice([Map.CONTENT, Map.CONTENT, Map.CONTENT, *MAPS])

        def fact(choices: list[str]) -> str | None:
            return dice.choice(choices) if dice.random() < 0.8 else None

        return Request(
            kind,
            dice.choice(ACTIONS[kind]),
            content_type=fact(values["contentType"]),
            created_by=fact(values["createdBy"][1:]),
            tags=frozenset(dice.sample(values["tag"], dice.randint(0, 3))),
            self_id=fact(values["self"]),
        )

    held = [large_role(name) for name in ("First", "Second", "Third")]
    assert sum(len(r) for a in held[0].content.values() for r in a.values()) + 120 == MAX_RULES
    questions = [question() for _ in range(DECISIONS)]

    def decide_all() -> None:
        permissions = Permissions.of(held, person)
        for one in questions:
            permissions.decide(one)

    return {
        f"read 3 roles of {MAX_RULES} rules and decide {DECISIONS:,} requests": _middle(decide_all),
        f"read 3 roles of {MAX_RULES} rules": _middle(lambda: Permissions.of(held, person)),
        f"is a role of {MAX_RULES} rules within 3 such": _middle(lambda: covers(held, held[0])),
    }


def _middle(work) -> float:
    seconds = []
    for _ in range(5):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)


def main() -> int:
    """Print the figures; 1 when the decisions took too long."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    django.setup()
    figures = run()
    for what, seconds in figures.items():
        print(f"{what}: {seconds * 1000:.1f} ms")
    return int(next(iter(figures.values())) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
