"""``manage.py issue_token EMAIL [--name N]``: a personal access token on the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import SYSTEM
from accounts.services import create_token, ensure_user, mark_signed_in
from common.errors import DomainError


class Command(BaseCommand):
    """Makes the account if there is none; it then counts as signed in, not as a slot."""

    help = "Print a personal access token for an account as the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address, and what the token is called."""
        parser.add_argument("email")
        parser.add_argument("--name", default="Command line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the secret; it is kept nowhere."""
        try:
            user = ensure_user(options["email"])
            mark_signed_in(user)
            issued = create_token(actor=SYSTEM, user=user, name=options["name"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(issued.secret)
