"""Invitation links and QR codes, for those whose room it is."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from django_bbb.models import Invitation, Meeting
from django_bbb.services.invitations import use_invitation


def page(name, meeting, **more):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id, **more})


@pytest.fixture
def invitations(client, teacher, meeting):
    client.force_login(teacher)
    return page("room-invitations", meeting)


def test_a_link_is_made_copied_and_lets_somebody_in(client, invitations, teacher, meeting):
    client.post(invitations, {"label": "Dr. Noether", "role": "moderator", "expires_at": "2099-01-02T10:00"})
    shown = client.get(invitations).content.decode()

    made = Invitation.objects.get()
    assert (made.meeting, made.label, made.role, made.created_by) == (meeting, "Dr. Noether", "moderator", teacher)
    assert f'value="http://testserver/bbb/invitations/{made.token}/" readonly' in shown
    assert "used 0 times" in shown
    assert "moderator" in Client().get(made.get_absolute_url()).content.decode()


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"expires_at": "2001-01-02T10:00"}, {"label": "x" * 101}])
def test_what_cannot_be_is_told(client, invitations, wrong):
    answer = client.post(invitations, {"role": "viewer", **wrong})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Invitation.objects.exists()


def test_what_came_of_a_link_is_shown(client, invitations, meeting):
    made = meeting.invitations.create(label="Dr. Noether")
    use_invitation(invitation=made)

    shown = client.get(invitations).content.decode()

    assert "used 1 time" in shown
    assert "last on" in shown


def test_a_link_that_was_withdrawn_lets_nobody_in(client, invitations, meeting):
    made = meeting.invitations.create(label="Dr. Noether")
    where = page("room-invitation-withdraw", meeting, pk=made.pk)

    looked = client.get(where).status_code
    first = client.post(where, follow=True).content.decode()
    again = client.post(where, follow=True).content.decode()

    assert looked == 405
    assert "The link lets nobody in any more." in first
    assert "The link was withdrawn before." in again
    assert made.token not in again
    assert "withdrawn" in again
    assert Client().get(made.get_absolute_url()).status_code == 410


@pytest.mark.parametrize(("access", "has_one"), [("members", 0), ("signed_in", 0), ("code", 1), ("link", 1)])
def test_the_room_itself_has_a_picture_where_its_address_lets_somebody_in(
    client, invitations, meeting, access, has_one
):
    meeting.access = Meeting.Access(access)
    meeting.save()

    shown = client.get(invitations).content.decode()

    assert shown.count('<svg class="bbb-qr" role="img" aria-label="QR code of the address of this room"') == has_one
    assert f"http://testserver{page('join', meeting)}" in shown


def test_what_somebody_typed_breaks_out_of_no_attribute(client, invitations, meeting):
    meeting.invitations.create(label='"><script>alert(1)</script>')

    shown = client.get(invitations).content.decode()

    assert "<script>alert" not in shown
    assert re.search(r'aria-label="QR code of the link for &quot;&gt;&lt;script', shown)
