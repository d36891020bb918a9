"""Plan: what an Organization subscribes to (rules §12)."""

from collections.abc import Collection, Iterable
from typing import Literal, TypedDict

from accounts.actor import Actor
from api.core import filters
from api.core.include import includable
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.requests import Call
from api.core.routes import Routes
from api.core.schemas import Id
from common.errors import NotFound
from organizations.models import Plan as PlanRow


class PlanSys(TypedDict):
    """The system properties of a Plan."""

    id: Id
    type: Literal["Plan"]


class Price(TypedDict):
    """An amount, as a decimal number in a string, and its currency."""

    amount: str
    currency: str


class Limits(TypedDict):
    """How many there may be; null is unlimited."""

    spaces: int | None
    members: int | None


class Plan(TypedDict):
    """What an Organization subscribes to."""

    sys: PlanSys
    name: str
    monthlyPrice: Price
    limits: Limits


def plan(row: PlanRow) -> Plan:
    """The Plan as the API shows it."""
    return {
        "sys": {"id": row.pk, "type": "Plan"},
        "name": row.name,
        "monthlyPrice": {"amount": str(row.monthly_price), "currency": row.currency},
        "limits": {"spaces": row.space_limit, "members": row.member_limit},
    }


def _plans(_actor: Actor, ids: Collection[str]) -> Iterable[PlanRow]:
    return PlanRow.objects.filter(pk__in=ids).order_by("monthly_price", "id")


PLANS = Resource(
    PlanRow,
    plan,
    Plan,
    fields=(filters.text("sys.id", "id"), filters.text("name", "name")),
    order="sys.id",
)
includable("Plan", Plan, _plans)
routes = Routes("Plans")


def _anyone(call: Call) -> Call:
    return call


def _plan(_call: Call, plan_id: str) -> PlanRow:
    row = PlanRow.objects.filter(pk=plan_id).first()
    if row is None:
        raise NotFound
    return row


@routes.listing("/plans", PLANS, find=_anyone)
def list_plans(_call: Call, _found: Call) -> Listing[PlanRow]:
    """The plans."""
    return Listing(PlanRow.objects.all())


@routes.reading("/plans/{planId}", PLANS, find=_plan)
def get_plan(_call: Call, found: PlanRow) -> PlanRow:
    """One plan."""
    return found
