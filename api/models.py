"""What the API keeps for itself."""

from django.db import models

from accounts.models import PersonalAccessToken
from common.models import now


class IdempotentAnswer(models.Model):
    """The answer to a POST that carried an ``Idempotency-Key``, to be given again for a day.

    Written in the transaction of the change itself: there is one exactly when there is the other.
    """

    token = models.ForeignKey(PersonalAccessToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()  # JSON, its keys in their order
    location = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotent_answer")]
        indexes = [models.Index("created_at", name="idempotent_answer_age")]

    def __str__(self) -> str:
        return self.key
