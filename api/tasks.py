"""What the API clears away."""

from celery import shared_task

from api.core.idempotency import KEPT
from api.models import IdempotentAnswer
from common.models import now


@shared_task
def sweep_idempotent_answers() -> int:
    """Forget answers whose keys hold no longer; how many there were."""
    deleted, _rows = IdempotentAnswer.objects.filter(created_at__lt=now() - KEPT).delete()
    return deleted
