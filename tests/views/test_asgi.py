"""The same pages on a site that runs under ASGI."""

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from django_bbb.api import Role
from django_bbb.models import CallbackDelivery
from django_bbb.services import addresses
from django_bbb.services.joining import Admission
from django_bbb.services.waiting import status_address

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(student):
    client = AsyncClient()
    client.force_login(student)
    return client


def get(client, address, **headers):
    return async_to_sync(client.get)(address, headers=headers)


def test_people_join(visitor, meeting, running, simulator):
    answer = get(visitor, reverse("django_bbb:join", args=[meeting.meeting_id]))

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{simulator.url}join?")


def test_they_start_a_class(teacher, meeting, simulator):
    client = AsyncClient()
    client.force_login(teacher)

    answer = async_to_sync(client.post)(reverse("django_bbb:start", args=[meeting.meeting_id]))

    assert answer.status_code == 200
    assert meeting.meeting_id in simulator.meetings


def test_their_pages_ask_again(meeting):
    address = status_address(meeting=meeting, admission=Admission(Role.VIEWER))
    first = get(AsyncClient(), address)

    assert get(AsyncClient(), address, **{"If-None-Match": first["ETag"]}).status_code == 304


def test_a_callback_is_taken(bbb, meeting, running):
    bbb["CALLBACK_BASE_URL"] = "http://testserver"
    token = addresses.make_token(running, kind=CallbackDelivery.Kind.MEETING_ENDED)
    address = reverse("django_bbb:meeting-ended", args=[token])

    answer = get(AsyncClient(), f"{address}?meetingID={meeting.meeting_id}&recordingmarks=false")

    assert answer.status_code == 200
    assert CallbackDelivery.objects.count() == 1
