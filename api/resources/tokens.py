"""PersonalAccessToken: the caller's own (api.md, Auth)."""

from typing import Literal, NotRequired, TypedDict

from accounts.models import PersonalAccessToken as TokenRow
from accounts.selectors import own_token, tokens_of
from accounts.services import create_token, delete_token
from api.core import filters
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.parsing import Body
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import Id, Moment, Refer, moment, refer
from api.resources.names import Name


class TokenSys(TypedDict):
    """The system properties; ``accessToken`` is the secret, shown at creation and never again."""

    id: Id
    type: Literal["PersonalAccessToken"]
    user: Refer
    scopes: list[Literal["PERSONAL"]]
    createdBy: Refer
    createdAt: Moment
    updatedBy: Refer
    updatedAt: Moment
    lastUsedAt: Moment | None
    accessToken: NotRequired[str]


class PersonalAccessToken(TypedDict):
    """A secret that acts for its person."""

    sys: TokenSys
    name: str


class TokenBody(Body):
    """A new token."""

    name: Name


def token(row: TokenRow) -> PersonalAccessToken:
    """The token without its secret.

    Its person made it and nobody changes it: being used is no change.
    """
    person = refer("User", row.user_id)
    return {
        "sys": {
            "id": row.pk,
            "type": "PersonalAccessToken",
            "user": person,
            "scopes": ["PERSONAL"],
            "createdBy": person,
            "createdAt": moment(row.created_at),
            "updatedBy": person,
            "updatedAt": moment(row.created_at),
            "lastUsedAt": moment(row.last_used_at) if row.last_used_at else None,
        },
        "name": row.name,
    }


TOKENS = Resource(
    TokenRow,
    token,
    PersonalAccessToken,
    fields=(
        *filters.IDENTITY,
        filters.time("sys.updatedAt", "created_at"),
        filters.refer("sys.user", "user_id"),
        filters.refer("sys.createdBy", "user_id"),
        filters.refer("sys.updatedBy", "user_id"),
        filters.time("sys.lastUsedAt", "last_used_at", orders=False, nullable=True),
        filters.text("name", "name"),
    ),
)
routes = Routes("Personal access tokens")


def _caller(call: Call) -> Call:
    return call


def _token(call: Call, token_id: str) -> TokenRow:
    return own_token(call.user, token_id)


@routes.listing("/personal-access-tokens", TOKENS, find=_caller)
def list_tokens(call: Call, _found: Call) -> Listing[TokenRow]:
    """Your tokens."""
    return Listing(tokens_of(call.user))


@routes.creating("/personal-access-tokens", PersonalAccessToken, find=_caller, body=TokenBody, keepable=False)
def make_token(call: Call, _found: Call, body: TokenBody) -> Answer:
    """Create a token.

    ``sys.accessToken`` is the secret: it is in this answer and nowhere else.
    """
    issued = create_token(actor=call.actor, user=call.user, name=body.name)
    shape = token(issued.token)
    shape["sys"]["accessToken"] = issued.secret
    return Answer(201, shape, location=f"{call.request.path}/{issued.token.pk}")


@routes.reading("/personal-access-tokens/{tokenId}", TOKENS, find=_token)
def get_token(_call: Call, found: TokenRow) -> TokenRow:
    """One of your tokens."""
    return found


@routes.deleting("/personal-access-tokens/{tokenId}", find=_token)
def end_token(call: Call, found: TokenRow) -> None:
    """End a token at once; the one you call with, too."""
    delete_token(actor=call.actor, token=found)
