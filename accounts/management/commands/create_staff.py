"""``manage.py create_staff EMAIL``: an account for WEEGLOO's own staff."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import SYSTEM
from accounts.services import ensure_user, make_staff
from common.errors import DomainError


class Command(BaseCommand):
    """Makes the account if there is none. Staff sign in by the same code as everyone."""

    help = "Make an account staff; they sign in at /sign-in/?next=/admin/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say who is staff now."""
        try:
            user = make_staff(actor=SYSTEM, user=ensure_user(options["email"]))
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.email} is staff. Sign in at /sign-in/?next=/admin/")
