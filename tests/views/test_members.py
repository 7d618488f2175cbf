"""Who belongs to a room, said by those whose room it is."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from django_bbb.api import Role
from django_bbb.models import Membership
from django_bbb.services.joining import admit


@pytest.fixture
def members(client, teacher, meeting):
    client.force_login(teacher)
    return reverse("django_bbb:room-members", kwargs={"meeting_id": meeting.meeting_id})


@pytest.fixture
def ben(student):
    student.email = "Ben@example.org"
    student.save()
    return student


@pytest.mark.parametrize("who", ["student", "Ben@example.org"])
def test_somebody_is_added_by_what_they_log_in_with_or_by_their_address(client, members, meeting, ben, who):
    answer = client.post(members, {"who": who, "role": "moderator"}, follow=True)

    assert admit(user=ben, meeting=meeting).role is Role.MODERATOR
    assert "Ben Klein belongs to this room now." in answer.content.decode()


@pytest.mark.parametrize(
    "who", ["Student", "stud", "ben@example.org", "Ben Klein", "nobody", "gone", "twice@example.org"]
)
def test_all_others_are_told_the_same(client, members, ben, person, who):
    person("gone", is_active=False)
    for name in ("first", "second"):
        person(name, email="twice@example.org")

    answer = client.post(members, {"who": who, "role": "viewer"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"who": ["There is no such person here. Ask them how they log in."]}
    assert not Membership.objects.exists()


def test_a_name_that_somebody_logs_in_with_is_not_taken_for_an_address_of_another(client, members, ben, person):
    person("Ben@example.org")

    client.post(members, {"who": "Ben@example.org", "role": "viewer"})

    assert Membership.objects.get().user.username == "Ben@example.org"


def test_whoever_is_there_already_is_changed(client, members, meeting, ben, at):
    for role in ("viewer", "viewer"):
        meeting.memberships.create(user=ben, role=role, valid_until=at(-1))

    client.post(members, {"who": "student", "role": "moderator", "valid_from": "2020-01-02T08:00"})

    member = meeting.memberships.get()
    assert (member.role, member.valid_from.year, member.valid_until) == ("moderator", 2020, None)


def test_a_substitute_has_a_beginning_and_an_end(client, members, meeting, ben):
    times = {"valid_from": "2031-01-02T08:00", "valid_until": "2031-01-02T07:00"}

    refused = client.post(members, {"who": "student", "role": "moderator", **times})
    client.post(members, {"who": "student", "role": "moderator", **times, "valid_until": "2031-01-09T08:00"})

    assert "valid_until" in refused.context["form"].errors
    assert admit(user=ben, meeting=meeting).role is Role.VIEWER  # as everybody who is signed in, until then


def test_people_and_groups_are_listed_and_removed(client, members, meeting, ben):
    of_person = meeting.memberships.create(user=ben, role="viewer")
    meeting.memberships.create(group=Group.objects.create(name="Class 7b"), role="viewer")

    shown = client.get(members).content.decode()
    where = reverse("django_bbb:room-member-remove", kwargs={"meeting_id": meeting.meeting_id, "pk": of_person.pk})
    told = client.post(where, follow=True).content.decode()

    assert all(name in shown for name in ("Ada Weber", "Ben Klein", "Class 7b"))
    assert "Ben Klein does not belong to this room any more." in told
    assert [str(one) for one in meeting.memberships.all()] == ["Class 7b"]
