"""What people agree to, and the receipts."""

import pytest
from django.utils.translation import override

from django_bbb.models import Consent, Meeting
from django_bbb.services.consents import agree, open_questions


@pytest.fixture
def room(db):
    return Meeting.objects.create(name="Algebra", asks_about_recording=True, asks_about_attendance=True)


def other_words(*, about, meeting):
    return f"I agree to {about} in {meeting.name}."


def test_a_meeting_asks_for_what_it_says(room):
    room.asks_about_attendance = False

    assert [one.about for one in open_questions(meeting=room, person="u1")] == ["recording"]


def test_a_meeting_that_asks_nothing_costs_no_query(db, django_assert_num_queries):
    plain = Meeting.objects.create(name="Algebra")

    with django_assert_num_queries(0):
        assert open_questions(meeting=plain, person="u1") == []


def test_whoever_agreed_is_not_asked_again(room):
    agree(meeting=room, person="u1", questions=open_questions(meeting=room, person="u1"))

    assert open_questions(meeting=room, person="u1") == []
    assert len(open_questions(meeting=room, person="u2")) == 2


def test_the_receipt_says_who_when_and_to_which_words(room, student):
    (question, _) = open_questions(meeting=room, person="u1")

    agree(meeting=room, person="u1", questions=[question], user=student, name="Ben Klein")

    receipt = Consent.objects.get()
    assert (receipt.user, receipt.person, receipt.name) == (student, "u1", "Ben Klein")
    assert receipt.text == question.text
    assert receipt.given_at


def test_agreeing_twice_is_one_receipt(room):
    questions = open_questions(meeting=room, person="u1")
    agree(meeting=room, person="u1", questions=questions)
    agree(meeting=room, person="u1", questions=questions)

    assert Consent.objects.count() == 2


def test_other_words_are_asked_for_anew(room, bbb):
    agree(meeting=room, person="u1", questions=open_questions(meeting=room, person="u1"))

    bbb["CONSENT_TEXT"] = f"{__name__}.other_words"

    assert [one.text for one in open_questions(meeting=room, person="u1")] == [
        "I agree to recording in Algebra.",
        "I agree to attendance in Algebra.",
    ]


def test_receipts_outlive_the_account(room, person):
    leaver = person("leaver")
    agree(meeting=room, person="u1", questions=open_questions(meeting=room, person="u1"), user=leaver)

    leaver.delete()

    assert {one.user for one in Consent.objects.all()} == {None}


def test_each_language_has_words_of_its_own(room, monkeypatch):
    from django_bbb.services import consents

    monkeypatch.setattr(consents, "_", lambda text: f"fa: {text}")
    with override("fa"):
        (question, _) = open_questions(meeting=room, person="u1")

    assert question.text.startswith("fa: ")
