"""Wrong access codes, counted."""

from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F


class WrongTryQuerySet(models.QuerySet["WrongTry"]):
    """Counts of wrong tries."""

    def count_one(self, *, by: str, period: datetime) -> int:
        """Add one to the count of somebody in the period that began then; return the count."""
        mine = self.filter(by=by, period=period)
        if not mine.update(count=F("count") + 1):
            try:
                with transaction.atomic():
                    self.create(by=by, period=period, count=1)
            except IntegrityError:  # somebody else has begun to count at the same moment
                mine.update(count=F("count") + 1)
        return mine.values_list("count", flat=True).get()


class WrongTry(models.Model):
    """How often somebody typed a wrong code in one period.

    ``by`` is a keyed hash, of a guest in a meeting or of an address: nobody's address is kept.
    """

    by = models.CharField(max_length=64)
    period = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    objects = WrongTryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "period"], name="bbb_one_count_of_tries")]

    def __str__(self) -> str:
        return f"{self.count} in the period of {self.period:%Y-%m-%d %H:%M}"
