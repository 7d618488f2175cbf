"""Lists that are as quick with half a million rows as with a hundred.

What a page costs does not grow with the table: rows are counted as far as anybody leafs, sorted by what has an index,
and what belongs to them is fetched for those on the page.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import smart_split, unescape_string_literal

from .base import ModelAdmin

if TYPE_CHECKING:
    BasePaginator = Paginator[Any]
else:
    BasePaginator = Paginator

#: So far rows are counted, and so far can one leaf: a hundred pages.
COUNTED = 10_000


class MoreThan(int):
    """A number that is only known to be passed; written as “>10000”, which stays right with separators in it."""

    def __str__(self) -> str:
        return f">{int(self)}"


class ShortCount(BasePaginator):
    """Pages of the first `COUNTED` rows; with more than that, nobody waits for the database to count the others."""

    @cached_property
    def count(self) -> int:
        found: int = self.object_list.order_by()[: COUNTED + 1].count()  # type: ignore[attr-defined]
        return found if found <= COUNTED else MoreThan(COUNTED)


class IndexedOrder(ChangeList):
    """Rows that are the same in the column they are sorted by come in the direction of that column.

    Then an index is read forwards or backwards, where Django's own order needs the whole table sorted.
    """

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[Any]:
        *columns, last = super().get_ordering(request, queryset)
        if last == "-pk" and columns and isinstance(columns[-1], str) and not columns[-1].startswith("-"):
            last = "pk"
        return [*columns, last]


class LongList(ModelAdmin):
    """A list of any length.  `sortable_by` names columns that have an index."""

    paginator = ShortCount
    show_full_result_count = False
    #: Fetched for the page alone, with `prefetch_related`: a join would be made for each row that is leafed over.
    list_select_related: ClassVar[Any] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return IndexedOrder

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Find rows by each word; Django's own conditions are for words that very many rows have.

        An index finds rare words, one field after the other, and nothing of all fields together.  Of common ones a
        page is full soon.
        """
        common, rare = [], []
        for word in smart_split(search_term):
            keys = self._keys_with(request, word)
            if len(keys) > COUNTED:
                common.append(word)
            else:
                rare.append(keys)
        if rare:
            queryset = queryset.filter(pk__in=set.intersection(*rare))
        return super().get_search_results(request, queryset, " ".join(common))

    def _keys_with(self, request: HttpRequest, word: str) -> set[Any]:
        """Return the keys of rows that have a word in one of the fields; of very many some, which are too many."""
        if word.startswith(('"', "'")) and word[0] == word[-1]:
            word = unescape_string_literal(word)
        rows = self.model._default_manager.order_by().values_list("pk", flat=True)
        keys: set[Any] = set()
        for name in self.get_search_fields(request):
            if len(keys) <= COUNTED:
                keys.update(rows.filter(**{f"{name}__icontains": word})[: COUNTED + 1])
        return keys
