"""The plans (rules §12: names are WEEGLOO's, limits ours)."""

from typing import Any

PLANS: list[dict[str, Any]] = [
    {"id": "free", "name": "Free", "monthly_price": "0.00", "space_limit": 5, "member_limit": 100},
    {"id": "basic", "name": "Basic", "monthly_price": "29.00", "space_limit": 20, "member_limit": 1_000},
    {"id": "pro", "name": "Pro", "monthly_price": "149.00", "space_limit": 100, "member_limit": 10_000},
    {"id": "enterprise", "name": "Enterprise", "monthly_price": "990.00"},
]
