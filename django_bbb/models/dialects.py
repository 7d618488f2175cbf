"""What the databases say in different words and Django has no word for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connections

#: Milliseconds that a statement in a callback's request waits for a row somebody else has locked.
PATIENCE = 1000


class Expression(NamedTuple):
    """Something in SQL, with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


def upsert(
    connection: Any,
    *,
    table: str,
    facts: Mapping[str, Any],
    unique: Sequence[str],
    changes: Mapping[str, str],
    unless: Expression | None,
    returning: Sequence[Expression],
) -> tuple[Any, ...] | None:
    """Insert a row, or change the one that is there, and return what is asked of it; None where it is not to be.

    In ``changes`` a column's new value is an SQL expression, where ``{old}`` is the row that is there and ``{new}``
    the one that was to be inserted.  All of it is one statement, which waits `PATIENCE` for somebody else's lock.
    """
    quote = connection.ops.quote_name
    name = quote(table)
    into = f"INSERT INTO {name} ({', '.join(map(quote, facts))})"
    condition = f"NOT ({unless.sql})" if unless else "1 = 1"
    values = f"SELECT {', '.join(['%s'] * len(facts))}"
    answer = f"RETURNING {', '.join(one.sql for one in returning)}"
    if connection.vendor == "mysql":
        # MariaDB has no name for the new row but a function of each column.
        assign = ", ".join(f"{quote(one)} = {_with_values(change)}" for one, change in changes.items())
        statement = (
            f"SET STATEMENT innodb_lock_wait_timeout={max(1, PATIENCE // 1000)} FOR "
            f"{into} {values} FROM DUAL WHERE {condition} ON DUPLICATE KEY UPDATE {assign} {answer}"
        ).replace("{old}", name)
    else:
        assign = ", ".join(f"{quote(one)} = {text.format(old=name, new='excluded')}" for one, text in changes.items())
        conflict = f"ON CONFLICT ({', '.join(map(quote, unique))}) DO UPDATE SET {assign} {answer}"
        # Set where it holds for this statement alone: one of its own would be another way to the database.
        patience = f"WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', '{PATIENCE}', true)) "
        before, source = (patience, " FROM patience") if connection.vendor == "postgresql" else ("", "")
        statement = f"{before}{into} {values}{source} WHERE {condition} {conflict}"
    parameters = [*facts.values(), *(unless.parameters if unless else ())]
    for one in returning:
        parameters += one.parameters
    with _impatient(connection), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _with_values(change: str) -> str:
    """Return an expression with ``{new}.column`` as MariaDB writes it, ``VALUES(column)``."""
    first, *rest = change.split("{new}.")
    written = [first]
    for part in rest:
        column = part.split(" ", 1)[0]
        written.append(f"VALUES({column}){part[len(column) :]}")
    return "".join(written)


def store(queryset: Any, rows: Sequence[Any], *, key: list[str], columns: Iterable[str]) -> None:
    """Insert rows, or change those columns of the ones that are there, in one statement."""
    takes_key = connections[queryset.db].features.supports_update_conflicts_with_target
    queryset.bulk_create(
        rows, update_conflicts=True, update_fields=list(columns), unique_fields=key if takes_key else None
    )


@contextmanager
def _impatient(connection: Any) -> Iterator[None]:
    """Let a statement in here wait no longer than a moment where the lock is on the whole database."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        if usual > PATIENCE:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        yield
    finally:
        if usual > PATIENCE:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")
