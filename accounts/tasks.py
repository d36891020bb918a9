"""Housekeeping of accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import sent_forms, unsent_forms
from accounts.actor import SYSTEM
from memberships.services import accounts


@shared_task
def sweep_unused_accounts() -> None:
    """Take away slots nobody ever used, and sessions that ended."""
    while accounts.sweep_unused_accounts(actor=SYSTEM):
        pass
    call_command("clearsessions")


@shared_task
def sweep_forms() -> None:
    """Forget what was typed and never sent, and which forms were sent long ago."""
    unsent_forms.sweep()
    sent_forms.sweep()
