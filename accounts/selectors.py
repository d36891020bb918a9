"""Reading one's own tokens."""

from django.db.models import QuerySet

from accounts.models import PersonalAccessToken, User
from common.errors import NotFound


def tokens_of(user: User) -> QuerySet[PersonalAccessToken]:
    """The tokens of a person."""
    return PersonalAccessToken.objects.filter(user=user)


def own_token(user: User, token_id: str) -> PersonalAccessToken:
    """One of the person's own; raises :class:`NotFound` for any other."""
    token = tokens_of(user).filter(pk=token_id).first()
    if token is None:
        raise NotFound
    return token
