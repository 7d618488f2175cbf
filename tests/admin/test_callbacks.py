"""The inbox in the admin: what became of each callback, and once more for those that were given up."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import CallbackDelivery

LIST = "admin:django_bbb_callbackdelivery_changelist"


@pytest.fixture
def rows(server, bbb):
    """One callback in each state there is."""
    bbb["CALLBACK_TRIES"] = 3
    later = timezone.now() + timedelta(hours=1)
    states = {
        "done": {"done": 1},
        "to be done": {},
        "failed, tried again later": {"tries": 1, "last_error": "Timeout: no answer"},
        "being worked on": {"lease_until": later},
        "given up": {"tries": 3, "last_error": "KeyError: people"},
    }
    for number, facts in enumerate(states.values()):
        CallbackDelivery.objects.create(
            kind="recording-ready", server=server, subject=f"{number}", payload={"name": "Ada Weber"}, **facts
        )
    return states


def test_each_state_is_in_words(rows, admin_client):
    page = admin_client.get(reverse(LIST)).content.decode()

    for state in rows:
        assert f">{state}<" in page
    assert "KeyError: people" in page


@pytest.mark.parametrize(("state", "count"), [("done", 1), ("undone", 4), ("parked", 1)])
def test_they_can_be_chosen_by_it(rows, admin_client, state, count):
    answer = admin_client.get(reverse(LIST), {"state": state})

    assert answer.context["cl"].result_count == count


def test_what_a_callback_brought_along_is_on_no_page(rows, admin_client):
    row = CallbackDelivery.objects.first()
    page = admin_client.get(reverse("admin:django_bbb_callbackdelivery_change", args=[row.pk]))

    assert "recording ready" in page.content.decode()
    assert "Ada Weber" not in page.content.decode()


def test_whoever_may_change_callbacks_has_them_tried_again(rows, client, person):
    staff = person("staff", permissions=("view_callbackdelivery", "change_callbackdelivery"), is_staff=True)
    client.force_login(staff)
    parked = CallbackDelivery.objects.parked().get()

    client.post(reverse(LIST), {"action": "try_again", "_selected_action": [parked.pk]})

    assert parked in CallbackDelivery.objects.due()
    assert LogEntry.objects.get().object_id == str(parked.pk)


def test_whoever_may_only_look_has_not(rows, client, person):
    client.force_login(person("viewer", permissions=("view_callbackdelivery",), is_staff=True))
    parked = CallbackDelivery.objects.parked().get()

    answer = client.post(reverse(LIST), {"action": "try_again", "_selected_action": [parked.pk]})

    assert "try_again" not in client.get(reverse(LIST)).content.decode()
    assert answer.status_code in (200, 302)
    assert parked in CallbackDelivery.objects.parked()
