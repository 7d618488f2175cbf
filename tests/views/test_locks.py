"""A row that somebody else has locked holds up no sender: the answer is 503, soon."""

import threading

import jwt
import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from django_bbb.models import CallbackDelivery
from tests.conftest import SECRET

RECORD_ID = "0123456789abcdef0123456789abcdef01234567-1700000000000"
ANOTHER_ID = "0123456789abcdef0123456789abcdef01234567-1700000000001"


@pytest.fixture
def lock(transactional_db, server):
    """Somebody else's transaction has the row until the test is over."""
    CallbackDelivery.objects.note(kind="recording-ready", server=server, subject=RECORD_ID)
    taken, over = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                CallbackDelivery.objects.select_for_update().get()
                CallbackDelivery.objects.update(last_error="held")
                taken.set()
                over.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(30)

    def release():
        over.set()
        holder.join()

    yield release
    release()


def send(record_id=RECORD_ID):
    token = jwt.encode({"meeting_id": "m-1", "record_id": record_id}, SECRET, algorithm="HS256")
    answer = Client().post(
        reverse("django_bbb:recording-ready", kwargs={"slug": "default"}),
        f"signed_parameters={token}",
        content_type="application/x-www-form-urlencoded",
    )
    return answer.status_code


def test_a_locked_row_is_503_while_it_is_locked_and_200_afterwards(lock):  # threats.md 19
    assert send() == 503

    lock()

    assert send() == 200
    assert CallbackDelivery.objects.get().asked == 2


def test_other_rows_are_not_held_up_but_where_the_lock_is_on_the_whole_file(lock):
    assert send(ANOTHER_ID) == (503 if connection.vendor == "sqlite" else 200)
