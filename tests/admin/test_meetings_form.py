"""The form of a meeting: its options are the table of the protocol, and each says where its value comes from."""

import pytest
from django.urls import reverse

from django_bbb.admin.options import option_fieldsets
from django_bbb.forms.options import field_name, is_too_old, offered_parameters
from django_bbb.models import Meeting, MeetingPreset, Membership
from django_bbb.services import meetings

EMPTY_INLINES = {
    f"{one}-{what}_FORMS": "0"
    for one in ("memberships", "invitations", "presentations", "sessions", "recordings")
    for what in ("TOTAL", "INITIAL")
}


def page_of(meeting):
    return reverse("admin:django_bbb_meeting_change", args=[meeting.pk])


def form_of(client, meeting):
    return client.get(page_of(meeting)).context["adminform"].form


@pytest.fixture
def save(admin_client, meeting):
    """Send the form of the meeting with these fields, and return the answer and the stored meeting."""

    def send(**fields):
        data = {"name": meeting.name, "access": "members", "wait_for": "class", **EMPTY_INLINES, **fields}
        answer = admin_client.post(page_of(meeting), data)
        return answer, Meeting.objects.get(pk=meeting.pk)

    return send


def errors_of(answer):
    return answer.context["adminform"].form.errors


class TestTable:
    def test_each_offered_parameter_stands_in_one_fieldset(self):
        shown = [name for _title, one in option_fieldsets() for name in one["fields"]]

        assert sorted(shown) == sorted([*(field_name(one) for one in offered_parameters()), "other_options"])

    def test_every_field_says_what_it_does_and_since_when(self, admin_client, meeting):
        form = form_of(admin_client, meeting)

        assert "muted when they join. BigBlueButton 2.0 and newer." in str(
            form.fields["option_mute_on_start"].help_text
        )
        assert all(" and newer." in str(form.fields[field_name(one)].help_text) for one in offered_parameters())

    @pytest.mark.parametrize("name", ["meeting_id", "moderator_pw", "meta_end_callback_url", "web_voice"])
    def test_what_this_site_fills_in_and_what_is_out_of_use_has_no_field(self, admin_client, meeting, name):
        assert f"option_{name}" not in form_of(admin_client, meeting).fields

    @pytest.mark.parametrize(
        ("version", "since", "expected"),
        [
            ("2.7.3", "3.0", True),
            ("3.0.10", "3.0.33", True),
            ("3.0", "3.0.33", False),  # nobody knows which 3.0
            ("4.0", "3.0.33", False),
            ("", "3.0", False),
            ("2.7", "Scalelite 1.6", False),
        ],
    )
    def test_a_version_is_compared_by_numbers(self, version, since, expected):
        assert is_too_old(version, since) is expected


class TestSaving:
    def test_values_get_the_type_of_their_parameter(self, save):
        _answer, saved = save(
            option_mute_on_start="false",
            option_max_participants="25",
            option_duration="90",
            option_welcome="Hello\nall",
            option_guest_policy="ASK_MODERATOR",
            option_disabled_features=["polls", "chat"],
            option_meta_bbb_disable_recording_formats="video, notes",
            option_meta='{"course": "7b"}',
        )

        assert saved.options == {
            "mute_on_start": False,
            "max_participants": 25,
            "duration": 90,
            "welcome": "Hello\nall",
            "guest_policy": "ASK_MODERATOR",
            "disabled_features": ["polls", "chat"],
            "meta_bbb_disable_recording_formats": ["video", "notes"],
            "meta": {"course": "7b"},
        }

    def test_saving_the_form_as_it_came_changes_nothing(self, admin_client, meeting, save):
        options = {
            "mute_on_start": True,
            "duration": 5,
            "disabled_features": ["polls", "newFeature"],
            "meta": {"a": "b"},
        }
        Meeting.objects.update(options=options)
        form = form_of(admin_client, meeting)
        sent = {name: form[name].value() for name in form.fields if name.startswith(("option_", "other"))}

        _answer, saved = save(**{name: value for name, value in sent.items() if value not in (None, [])})

        assert saved.options == options

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("option_max_participants", "-1"),
            ("option_voice_bridge", "12"),
            ("option_logout_url", "javascript:alert(1)"),
            ("option_banner_color", "red"),
            ("option_guest_policy", "EVERYBODY"),
            ("option_meta", '["course"]'),
            ("option_meta", "{"),
        ],
    )
    def test_what_create_would_not_take_is_told_at_its_field(self, save, field, value):
        answer, saved = save(**{field: value})

        assert list(errors_of(answer)) == [field]
        assert saved.options == {}

    def test_what_is_wrong_is_told_in_the_language_of_whoever_typed_it(self, save, admin_client):
        admin_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"

        answer, _stored = save(option_logo="logo.png")

        told = "Ungültiger Wert: muss eine vollständige Adresse mit http oder https sein."
        assert errors_of(answer) == {"option_logo": [told]}

    def test_a_fact_that_is_a_callback_is_refused(self, save):
        answer, saved = save(option_meta='{"endCallbackUrl": "https://elsewhere.example.org/"}')

        assert "is filled in by this site" in str(errors_of(answer))
        assert saved.options == {}


class TestOtherParameters:
    def test_those_we_do_not_know_are_sent(self, save, simulator):
        _answer, saved = save(other_options='{"newParameter": "yes"}')

        session = meetings.start_meeting(meeting=saved)

        assert session.parameters["extra"] == {"newParameter": "yes"}
        assert any("newParameter" in entry.url for entry in simulator.journal)

    def test_those_without_a_field_are_kept_under_their_names(self, admin_client, meeting, save):
        _answer, saved = save(other_options='{"freeJoin": true, "newParameter": "yes"}')

        assert saved.options == {"freeJoin": True, "extra": {"newParameter": "yes"}}
        shown = form_of(admin_client, saved).initial["other_options"]
        assert shown == {"free_join": True, "newParameter": "yes"}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('{"record": true}', "has a field of its own"),
            ('{"meetingID": "x"}', "is filled in by this site"),
            ('{"checksum": "x"}', "is no parameter of its own"),
            ('{"meta_course": "x"}', "is no parameter of its own"),
            ('["record"]', "not a JSON object"),
            ('{"new parameter": "x"}', "must match"),
        ],
    )
    def test_what_would_do_harm_is_refused(self, save, text, told):
        answer, saved = save(other_options=text)

        assert told in str(errors_of(answer)["other_options"])
        assert saved.options == {}


class TestPresets:
    @pytest.fixture
    def preset(self, db):
        return MeetingPreset.objects.create(
            name="Exam", options={"record": False, "muteOnStart": True, "duration": 90}, enforced=["mute_on_start"]
        )

    @pytest.fixture
    def exam(self, meeting, preset):
        meeting.preset = preset
        meeting.options = {"duration": 45, "mute_on_start": False}
        meeting.save()
        return meeting

    def test_the_meeting_wins_over_the_preset_and_what_is_enforced_over_the_meeting(self, bbb, exam):
        bbb["CREATE_DEFAULTS"] = {"record": True, "logout_timer": 5}

        assert exam.effective_options() == {"record": False, "mute_on_start": True, "duration": 45, "logout_timer": 5}

    def test_two_spellings_of_one_parameter_meet(self, exam, preset):
        preset.options = {"meta": {"server-tag": "a", "course": "7b"}}
        preset.save()
        exam.options = {"meta_server_tag": "b", "extra": {"muteOnStart": False, "newParameter": "yes"}}

        assert exam.effective_options() == {
            "record": True,
            "meta": {"course": "7b"},
            "meta_server_tag": "b",
            "mute_on_start": False,
            "extra": {"newParameter": "yes"},
        }

    def test_a_class_is_started_with_what_holds(self, exam):
        session = meetings.start_meeting(meeting=exam)

        chosen = {name: session.parameters[name] for name in ("record", "mute_on_start", "duration")}
        assert chosen == {"record": False, "mute_on_start": True, "duration": 45}

    def test_the_form_says_where_each_value_comes_from(self, admin_client, bbb, exam):
        bbb["CREATE_DEFAULTS"] = {"logout_timer": 5}

        fields = form_of(admin_client, exam).fields

        assert "Now “No”, from the preset." in fields["option_record"].help_text
        assert "Now “5”, from the settings of the site." in fields["option_logout_timer"].help_text
        assert "Now" not in str(fields["option_duration"].help_text)

    def test_what_is_enforced_cannot_be_typed(self, exam, save, admin_client):
        field = form_of(admin_client, exam).fields["option_mute_on_start"]
        _answer, saved = save(preset=exam.preset.pk, option_mute_on_start="true", option_duration="45")

        assert field.disabled
        assert "“Exam” decides this" in field.help_text
        assert saved.options == exam.options

    def test_a_value_is_text_in_the_help_as_well(self, admin_client, preset, exam):  # threats.md 109
        MeetingPreset.objects.update(name="<b>Exam", options={"banner_text": "<script>alert(1)</script>"}, enforced=[])

        text = admin_client.get(page_of(exam)).content.decode()

        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text

    def test_a_preset_is_made_in_its_form(self, admin_client, db):
        data = {"name": "Lecture", "option_mute_on_start": "true", "enforced": ["mute_on_start"]}

        admin_client.post(reverse("admin:django_bbb_meetingpreset_add"), data)

        made = MeetingPreset.objects.get()
        assert (made.options, made.enforced) == ({"mute_on_start": True}, ["mute_on_start"])

    def test_what_has_no_value_cannot_be_enforced(self, admin_client, db):
        data = {"name": "Lecture", "enforced": ["mute_on_start"]}

        answer = admin_client.post(reverse("admin:django_bbb_meetingpreset_add"), data)

        assert "Give “mute_on_start” a value" in answer.content.decode()
        assert not MeetingPreset.objects.exists()

    def test_one_that_meetings_have_is_protected(self, admin_client, exam, preset):
        admin_client.post(reverse("admin:django_bbb_meetingpreset_delete", args=[preset.pk]), {"post": "yes"})

        assert MeetingPreset.objects.filter(pk=preset.pk).exists()

    @pytest.mark.parametrize("page", ["changelist", "add"])
    def test_without_permission_nothing_opens(self, client, person, page):
        client.force_login(person("clerk", is_staff=True, permissions=("change_meeting", "add_meeting")))

        assert client.get(reverse(f"admin:django_bbb_meetingpreset_{page}")).status_code == 403

    def test_with_view_alone_it_is_read(self, client, person, preset):
        client.force_login(person("clerk", is_staff=True, permissions=("view_meetingpreset",)))
        address = reverse("admin:django_bbb_meetingpreset_change", args=[preset.pk])

        assert client.get(address).status_code == 200
        assert client.post(address, {"name": "Other"}).status_code == 403


class TestOldServers:
    @pytest.fixture
    def on_an_old_server(self, meeting, server):
        server.version = "2.7.3"
        server.save()
        meeting.server = server
        meeting.save()
        return meeting

    def test_what_it_does_not_know_is_greyed_with_the_reason(self, admin_client, on_an_old_server):
        fields = form_of(admin_client, on_an_old_server).fields

        assert fields["option_plugin_manifests"].disabled
        assert "has BigBlueButton 2.7.3, which does not know this" in fields["option_plugin_manifests"].help_text
        assert not fields["option_mute_on_start"].disabled

    def test_without_a_version_nothing_is_greyed(self, admin_client, meeting):
        assert not any(one.disabled for one in form_of(admin_client, meeting).fields.values())


class TestPeopleAndTimes:
    def test_a_member_is_added_in_the_form(self, save, student):
        __answer, saved = save(
            **{
                "memberships-TOTAL_FORMS": "1",
                "memberships-0-user": student.pk,
                "memberships-0-role": "moderator",
            }
        )

        assert [(one.user, one.role) for one in saved.memberships.all()] == [(student, "moderator")]

    def test_a_member_is_a_person_or_a_group(self, save):
        answer, _saved = save(
            **{
                "memberships-TOTAL_FORMS": "1",
                "memberships-0-role": "viewer",
                "memberships-0-valid_from_0": "2026-01-01",
                "memberships-0-valid_from_1": "10:00",
            }
        )

        assert "A member is a person or a group" in answer.content.decode()
        assert not Membership.objects.exists()

    def test_it_closes_after_it_opens(self, save):
        answer, saved = save(
            opens_at_0="2026-01-02", opens_at_1="10:00", closes_at_0="2026-01-02", closes_at_1="09:00"
        )

        assert list(errors_of(answer)) == ["closes_at"]
        assert saved.opens_at is None


class TestPermissions:
    def test_with_view_alone_it_is_read_and_nothing_is_offered(self, client, person, meeting):
        meeting.options = {"duration": 45}
        meeting.save()
        client.force_login(person("clerk", is_staff=True, permissions=("view_meeting",)))

        answer = client.get(page_of(meeting))
        refused = client.post(page_of(meeting), {"name": "Other", **EMPTY_INLINES})

        text = answer.content.decode()
        assert answer.status_code == 200
        assert "Duration: 45 (this meeting)" in text
        assert 'name="option_duration"' not in text
        assert 'name="action"' not in text
        assert "Why can somebody" not in text
        assert refused.status_code == 403

    def test_members_are_for_those_who_may_see_them(self, client, person, meeting, student):
        Membership.objects.create(meeting=meeting, user=student)
        client.force_login(person("clerk", is_staff=True, permissions=("view_meeting",)))

        assert "memberships-" not in client.get(page_of(meeting)).content.decode()
