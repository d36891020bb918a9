"""People as an Organization may see them (rules §2): strangers by their address alone."""

from accounts.addresses import shown_address
from accounts.models import User


def stranger(user: User) -> User:
    """The account without what its person gave: never to be saved.

    The address is the canonical one: the stored one may be spelled as its person, or another
    inviter, typed it, which would tell that it was known before.
    """
    return User(id=user.pk, email=shown_address(user.email_key), email_key=user.email_key)
