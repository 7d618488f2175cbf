"""Tables for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

#: A cell that begins so is a formula to a spreadsheet, and names are whatever people type.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

#: Without it Excel takes UTF-8 for something else.
_BYTE_ORDER_MARK = "\ufeff"


class _Line:
    """A file that hands on what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_response(name: str, *, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a table as a file to save, made while it is sent: CSV in UTF-8, with commas."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield _BYTE_ORDER_MARK
        for row in chain([head], rows):
            yield writer.writerow([_cell(one) for one in row])

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def log_export(request: HttpRequest, queryset: "QuerySet[Any]") -> None:
    """Write into the admin's log who has taken along what."""
    LogEntry.objects.log_actions(request.user.pk or 0, queryset, CHANGE, "Saved as a table.")


def moment(found: datetime | None) -> str:
    """Return a moment as spreadsheets read it, in the time zone of the site."""
    return timezone.localtime(found).isoformat(timespec="seconds") if found else ""


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
