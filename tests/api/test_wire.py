"""Values to wire text, and back."""

import re
from collections import UserDict
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from urllib.parse import parse_qsl

import pytest

from django_bbb.api import GuestPolicy, MeetingLayout, Role, wire
from django_bbb.api.parameters import (
    CreateParameters,
    DeleteRecordingsParameters,
    FeedbackParameters,
    GetRecordingsParameters,
    JoinParameters,
)


def create(**arguments):
    """Encode a valid create with these arguments; return its query and its problems."""
    pairs, problems = wire.encode(CreateParameters, {"name": "Class", "meeting_id": "m-1", **arguments})
    return "&".join(pairs).removeprefix("name=Class&meetingID=m-1").removeprefix("&"), problems


# --- names --------------------------------------------------------------------------------------------


def test_python_name_and_wire_name_mean_the_same():
    by_python, _ = wire.encode(CreateParameters, {"name": "AB", "meeting_id": "m-1", "auto_start_recording": True})
    by_wire, _ = wire.encode(CreateParameters, {"name": "AB", "meetingID": "m-1", "autoStartRecording": True})

    assert by_python == by_wire == ["name=AB", "meetingID=m-1", "autoStartRecording=true"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("auto_start_recordings", "auto_start_recording"),
        ("meetingId", "meetingID"),
        ("metaendCallbackUrl", "meta_endCallbackUrl"),
    ],
)
def test_unknown_name_is_a_type_error_that_names_the_nearest(name, nearest):
    with pytest.raises(TypeError, match=f"no parameter '{name}' for this call. Did you mean '{nearest}'"):
        create(**{name: "x"})


def test_name_that_resembles_none_is_a_type_error_without_a_guess():
    with pytest.raises(TypeError, match=r"no parameter 'qqqqqq' for this call\.$"):
        create(qqqqqq="x")


def test_unknown_name_is_told_even_when_nothing_would_be_sent():
    with pytest.raises(TypeError):
        create(qqqqqq=None)


def test_parameter_under_both_names_is_a_type_error():
    with pytest.raises(TypeError, match="meeting_id and meetingID are the same parameter"):
        create(meetingID="m-2")


def test_second_name_without_a_value_does_no_harm():
    assert create(meetingID=None, meta={}) == ("", [])


@pytest.mark.parametrize(
    "arguments",
    [
        {"meta": {"server-tag": "a"}, "meta_server_tag": "b"},
        {"meta_server-tag": "b", "meta": {"server-tag": "a"}},
    ],
)
def test_parameter_by_itself_and_inside_a_mapping_is_a_type_error(arguments):  # pitfalls.md 19
    with pytest.raises(TypeError, match=r"meta\['server-tag'\] and meta_server_tag are the same parameter"):
        create(**arguments)


def test_parameter_inside_a_mapping_alone_is_sent():
    assert create(meta={"server-tag": "a"}) == ("meta_server-tag=a", [])


# --- nothing to send ----------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_not_sent(nothing):
    assert create(welcome=nothing, logout_url=nothing, duration=nothing, groups=nothing) == ("", [])


@pytest.mark.parametrize("nothing", [None, ""])
def test_required_parameters_are_missing_when_there_is_nothing_in_them(nothing):
    pairs, problems = wire.encode(CreateParameters, {"name": nothing})

    assert pairs == []
    assert problems == ["name is missing.", "meeting_id is missing."]


def test_zero_and_false_are_sent():
    assert create(duration=0, max_participants=0, record=False)[0] == "duration=0&maxParticipants=0&record=false"


@pytest.mark.parametrize("nothing", [[], (), set(), frozenset()])
def test_list_of_nothing_is_a_problem_and_no_empty_parameter(nothing):
    # `recordID=` would match everybody's recordings; leaving it out would as well.
    _, problems = wire.encode(GetRecordingsParameters, {"record_id": nothing})

    assert problems == ["record_id must be at least one word."]


def test_filter_by_an_empty_fact_is_a_problem():  # the server answers HTTP 500 to it
    _, problems = wire.encode(GetRecordingsParameters, {"meta": {"course": ""}})

    assert problems == ["meta must have 1 to 1000000 characters, not 0."]


# --- problems -----------------------------------------------------------------------------------------


def test_all_problems_are_told_at_once_under_the_names_that_were_given():
    _, problems = wire.encode(CreateParameters, {"name": "A", "record": "yes", "voiceBridge": "1", "groups": object()})

    assert problems == [
        "name must have 2 to 256 characters, not 1.",
        "record must be True or False.",
        "voiceBridge must match [0-9]{5}.",
        "groups must be text, or data that JSON can hold.",
        "meeting_id is missing.",
    ]


@pytest.mark.parametrize("wrong", ["true", 1, 0, "false", [], 1.0])
def test_truth_is_a_bool_and_nothing_else(wrong):  # pitfalls.md 13
    assert create(record=wrong)[1] == ["record must be True or False."]


def test_truth_is_written_in_small_letters():
    assert create(record=True)[0] == "record=true"
    assert create(record=False)[0] == "record=false"


# --- numbers and times --------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (25, "25"), (10**6, "1000000")])
def test_number_is_written_in_digits(value, text):
    assert create(max_participants=value) == (f"maxParticipants={text}", [])


@pytest.mark.parametrize("wrong", ["5", 5.0, True, [5]])
def test_number_is_an_int(wrong):
    assert create(max_participants=wrong)[1] == ["max_participants must be a whole number."]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"max_participants": -1}, "max_participants must be at least 0."),
        ({"max_pinned_cameras": 0}, "max_pinned_cameras must be at least 1."),
    ],
)
def test_number_has_a_least(arguments, problem):
    assert create(**arguments)[1] == [problem]


@pytest.mark.parametrize("limit", [0, 101])
def test_number_has_a_least_and_a_most(limit):
    assert wire.encode(GetRecordingsParameters, {"limit": limit})[1] == ["limit must be at least 1 and at most 100."]


@pytest.mark.parametrize("limit", [1, 100])
def test_number_at_its_bounds_is_sent(limit):
    assert wire.encode(GetRecordingsParameters, {"limit": limit}) == ([f"limit={limit}"], [])


@pytest.mark.parametrize(
    ("value", "text"), [(timedelta(hours=1), "60"), (timedelta(), "0"), (90, "90"), (timedelta(days=1), "1440")]
)
def test_duration_is_counted_in_minutes(value, text):
    assert create(duration=value) == (f"duration={text}", [])


@pytest.mark.parametrize("wrong", [timedelta(seconds=90), timedelta(minutes=1, microseconds=1)])
def test_duration_has_whole_minutes(wrong):
    assert create(duration=wrong)[1] == ["duration must be whole minutes."]


@pytest.mark.parametrize("wrong", [-1, True, "60", 1.5, timedelta(minutes=-1)])
def test_duration_is_a_timedelta_or_a_number(wrong):
    assert create(duration=wrong)[1] == ["duration must be a timedelta, or a number of minutes, not below 0."]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "1767225600000"),
        (datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "1767225600000"),
        (datetime(2026, 1, 1, 0, 0, 0, 123_999, tzinfo=UTC), "1767225600123"),
        (1767225600123, "1767225600123"),
        (0, "0"),
    ],
)
def test_moment_is_written_in_milliseconds(value, text):  # pitfalls.md 30
    pairs, problems = wire.encode(JoinParameters, {"full_name": "A", "meeting_id": "m-1", "create_time": value})

    assert (pairs[-1], problems) == (f"createTime={text}", [])


@pytest.mark.parametrize(
    "wrong",
    [datetime(2026, 1, 1), datetime(1960, 1, 1, tzinfo=UTC), True, -1, "1767225600000", 1.5],  # noqa: DTZ001
)
def test_moment_is_aware_and_since_1970(wrong):  # pitfalls.md 31
    _, problems = wire.encode(JoinParameters, {"full_name": "A", "meeting_id": "m-1", "create_time": wrong})

    assert problems == ["create_time must be an aware datetime since 1970, or milliseconds."]


# --- texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Math", "Math"),
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("a b", "a+b"),
        ("a+b", "a%2Bb"),
        ("Müller & Söhne", "M%C3%BCller+%26+S%C3%B6hne"),
        ("*'()!", "%2A%27%28%29%21"),
        ("a=b#c%d;e/f?g", "a%3Db%23c%25d%3Be%2Ff%3Fg"),
        ("🎓", "%F0%9F%8E%93"),
        ("שלום", "%D7%A9%D7%9C%D7%95%D7%9D"),
    ],
)
def test_text_is_quoted_before_it_is_signed(text, quoted):  # pitfalls.md 4, threats.md 62
    assert create(bannerText=text) == (f"bannerText={quoted}", [])
    assert parse_qsl(f"bannerText={quoted}") == [("bannerText", text)]


@pytest.mark.parametrize("wrong", [5, b"text", True, ["text"], 12345])
def test_text_is_a_str(wrong):
    assert create(voice_bridge=wrong)[1] == ["voice_bridge must be text."]


@pytest.mark.parametrize("length", [1, 257])
def test_text_has_its_length(length):
    assert create(name="x" * length)[1] == [f"name must have 2 to 256 characters, not {length}."]


@pytest.mark.parametrize("length", [2, 256])
def test_text_at_its_bounds_is_sent(length):
    assert create(name="x" * length)[1] == []


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x0b", "\x1f", "\x7f", "\n", "\r", "\t"])
def test_text_on_one_line_has_no_control_characters(control):
    assert create(name=f"two{control}lines")[1] == ["name must have no control characters."]


def test_text_for_several_lines_may_have_them():
    assert create(welcome="one\r\n\ttwo") == ("welcome=one%0D%0A%09two", [])


@pytest.mark.parametrize("control", ["\x00", "\x0b", "\x7f"])
def test_text_for_several_lines_has_no_other_control_characters(control):
    assert create(welcome=f"one{control}")[1] == ["welcome must have no control characters."]


@pytest.mark.parametrize("parameter", ["bannerText", "welcome", "disabled_features", "groups"])
def test_half_of_a_surrogate_pair_is_a_problem(parameter):  # threats.md 62
    assert create(**{parameter: "a\ud800"})[1] == [f"{parameter} has half of a surrogate pair in it."]


def test_half_of_a_surrogate_pair_inside_a_mapping_or_data_is_a_problem():  # threats.md 62
    assert create(meta={"a": "\udfff"}, groups=["\ud800"])[1] == [
        "meta has half of a surrogate pair in it.",
        "groups has half of a surrogate pair in it.",
    ]


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"guest_policy": GuestPolicy.ALWAYS_ACCEPT_AUTH}, "guestPolicy=ALWAYS_ACCEPT_AUTH"),
        ({"guest_policy": "A_NEWER_WORD"}, "guestPolicy=A_NEWER_WORD"),
        ({"meeting_layout": MeetingLayout.SMART_LAYOUT}, "meetingLayout=SMART_LAYOUT"),
    ],
)
def test_word_of_an_enum_or_a_newer_one_is_sent(arguments, query):
    assert create(**arguments) == (query, [])


def test_role_is_sent_as_its_value():
    pairs, _ = wire.encode(JoinParameters, {"full_name": "A", "meeting_id": "m-1", "role": Role.MODERATOR})

    assert pairs[-1] == "role=MODERATOR"


@pytest.mark.parametrize("wrong", ["a,b", " a1", "a1 ", "a\x00b", "a\nb"])
def test_meeting_id_has_no_commas_and_no_blanks_at_its_ends(wrong):
    _, problems = wire.encode(CreateParameters, {"name": "AB", "meeting_id": wrong})

    assert len(problems) == 1
    assert problems[0].startswith("meeting_id must match")


@pytest.mark.parametrize("good", ["m-1", "a b", "Übung", "x" * 256])
def test_meeting_id_may_have_much_else(good):
    assert wire.encode(CreateParameters, {"name": "AB", "meeting_id": good})[1] == []


@pytest.mark.parametrize("address", ["https://lms.example.org/a?b=c#d", "http://[::1]:8000/", "HTTPS://x/"])
def test_web_address_is_sent(address):
    query, problems = create(logout_url=address)

    assert problems == []
    assert parse_qsl(query) == [("logoutURL", address)]


@pytest.mark.parametrize(
    "wrong",
    [
        "lms",
        "/path",
        "//host/",
        "ftp://host/",
        "javascript:alert(1)",
        "file:///x",
        "http://",
        "https:///x",
        "http://[",
    ],
)
def test_address_of_another_kind_is_a_problem(wrong):  # threats.md 53
    assert create(logout_url=wrong)[1] == ["logout_url must be an absolute http or https address."]


# --- lists, data, mappings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (["b", "a"], "b%2Ca"), (("b", "a"), "b%2Ca"), ({"b", "a"}, "a%2Cb"), (frozenset("ba"), "a%2Cb")],
)
def test_words_are_sent_with_commas_and_sets_in_order(value, text):
    assert create(disabled_features=value) == (f"disabledFeatures={text}", [])


@pytest.mark.parametrize("wrong", ["a,b", ["a,b"], [""], ["a", None], [5], ["a\x00"], ["a\n"], b"ab", {"a", 5}])
def test_word_is_a_text_without_commas(wrong):
    assert create(disabled_features=wrong)[1] == ["disabled_features must be words without commas."]


@pytest.mark.parametrize("wrong", [5, True, 1.5, {"a": "b"}, object()])
def test_words_are_a_list_or_a_set(wrong):
    assert create(disabled_features=wrong)[1] == ["disabled_features must be at least one word."]


def test_publishing_and_deleting_name_recordings():
    _, problems = wire.encode(DeleteRecordingsParameters, {})

    assert problems == ["record_id is missing."]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([{"id": 1, "name": "Grün"}], '[{"id":1,"name":"Grün"}]'),
        ({"public": {"a": None}}, '{"public":{"a":null}}'),
        ('{"as":  "it is"}', '{"as":  "it is"}'),
        ([], "[]"),
    ],
)
def test_data_is_sent_as_compact_json(value, text):
    assert parse_qsl(create(groups=value)[0]) == [("groups", text)]


def test_data_that_json_cannot_hold_is_a_problem():
    circle: list[object] = []
    circle.append(circle)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    for wrong in (object(), {1, 2}, float("nan"), [float("inf")], circle, deep, {"a": b"b"}):
        assert create(groups=wrong)[1] == ["groups must be text, or data that JSON can hold."]


@pytest.mark.parametrize("kind", [dict, UserDict, MappingProxyType])
def test_mapping_is_sent_as_one_parameter_per_key(kind):
    assert create(meta=kind({"course": "7 b", "term-2": "ü"}))[0] == "meta_course=7+b&meta_term-2=%C3%BC"


def test_mapping_keeps_empty_texts_lines_and_truths():
    assert create(meta={"a": "", "b": "1\n2"}, plugin={"X_y": True, "Z": False})[0] == (
        "meta_a=&meta_b=1%0A2&plugin_X_y=true&plugin_Z=false"
    )


@pytest.mark.parametrize("wrong", ["course=7b", ["course"], {"course"}, 5])
def test_mapping_is_a_mapping(wrong):
    assert create(meta=wrong)[1] == ["meta must be a mapping of names to texts."]


@pytest.mark.parametrize("wrong", ["my_flag", "1st", "", "-a", "ü", "a b", "a=b&c", "a\n", None, 5])
def test_name_of_a_fact_that_the_server_would_drop_is_a_problem(wrong):
    (problem,) = create(meta={wrong: "x"})[1]

    assert problem.startswith("meta has a name that must match [a-zA-Z][a-zA-Z0-9-]*: ")


@pytest.mark.parametrize("wrong", ["my-flag", "1x", "", "a b", "ü", "a.b", "a<b"])
def test_name_of_userdata_that_would_break_the_servers_xml_is_a_problem(wrong):
    _, problems = wire.encode(JoinParameters, {"full_name": "A", "meeting_id": "m-1", "userdata": {wrong: "x"}})

    assert problems[0].startswith("userdata has a name that must match [A-Za-z_][A-Za-z0-9_]*: ")


def test_userdata_is_sent_with_its_prefix():
    pairs, _ = wire.encode(JoinParameters, {"full_name": "A", "meeting_id": "m-1", "userdata": {"bbb_x": True}})

    assert pairs[-1] == "userdata-bbb_x=true"


@pytest.mark.parametrize("wrong", [5, None, ["x"], b"x"])
def test_fact_is_a_text(wrong):
    assert create(meta={"a": wrong})[1] == ["meta must be text."]


def test_long_name_is_cut_in_the_problem():
    assert len(create(meta={"_" * 10_000: "x"})[1][0]) < 200


def test_mapping_of_one_call_does_not_leak_into_the_next():  # pitfalls.md 3
    create(meta={"a": "b"})

    assert create() == ("", [])


def test_annotation_without_wire_is_no_parameter():
    from dataclasses import make_dataclass

    table = wire.table(make_dataclass("Plain", [("field", str)]))

    assert table == {}


# --- back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), [(None, ""), ("", ""), ("  \n a b \t", "a b"), ("a", "a")])
def test_text_loses_its_padding(text, value):
    assert wire.to_text(text) == value


@pytest.mark.parametrize("text", ["true", "TRUE", "True", " true\n"])
def test_true_in_any_case_is_true(text):
    assert wire.to_truth(text) is True


@pytest.mark.parametrize("text", [None, "", "false", "False", "1", "yes", "truely", "null"])
def test_everything_else_is_false(text):  # pitfalls.md 13
    assert wire.to_truth(text) is False


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("7", 7), (" 12\n", 12), ("1,234", 1234), ("1,234,567", 1234567), ("9223372036854775807", 2**63 - 1)],
)
def test_number_is_read(text, value):
    assert wire.to_number(text) == value


@pytest.mark.parametrize(
    "text",
    [None, "", ",", "-1", "1.5", "x", "٣", "²", "0x1", "1e3", "1 2", "9223372036854775808", "9" * 19, "9" * 5000],
)
def test_number_that_is_none_or_does_not_fit_is_none(text):  # threats.md 73
    assert wire.to_number(text) is None


@pytest.mark.parametrize(("text", "value"), [(None, 0), ("", 0), ("x", 0), ("1,234", 1234)])
def test_count_is_zero_where_the_server_says_nothing(text, value):
    assert wire.to_count(text) == value


def test_moment_is_read_aware():  # pitfalls.md 30, 31
    assert wire.to_datetime("1767225600123") == datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "0", "-5", "soon", "999999999999999999", "9223372036854775807"])
def test_moment_that_is_not_yet_or_nonsense_is_none(text):  # threats.md 73
    assert wire.to_datetime(text) is None


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("90", 90), ("1,440", 1440)])
def test_minutes_are_read(text, value):
    assert wire.to_minutes(text) == timedelta(minutes=value)


def test_milliseconds_are_read():
    assert wire.to_milliseconds("1500") == timedelta(seconds=1.5)


@pytest.mark.parametrize("text", [None, "", "-5", "long", "9223372036854775807"])
def test_duration_that_is_nonsense_is_none(text):  # threats.md 73
    assert wire.to_minutes(text) is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("meta_course", "give meta={'course': ...}."),
        ("plugin_timer", "give plugin={'timer': ...}."),
        ("meta_bbbOrigin", "give meta={'bbbOrigin': ...}."),
    ],
)
def test_one_of_a_mapping_given_by_itself_is_told_where_it_goes(name, hint):
    with pytest.raises(TypeError, match=re.escape(hint)):
        create(**{name: "x"})


def test_stars_are_from_1_to_5():
    for rating, problems in ((0, 1), (1, 0), (5, 0), (6, 1)):
        found = wire.encode(FeedbackParameters, {"rating": rating})[1]
        assert len([one for one in found if one.startswith("rating ")]) == problems


class TestDeprecated:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ({"attendee_pw": "ap"}, "attendee_pw is deprecated; use role of join."),
            ({"keepEvents": True}, "keepEvents is deprecated; use meeting_keep_events."),
            ({"web_voice": "x"}, "web_voice is deprecated: it has no effect."),
        ],
    )
    def test_it_is_sent_and_a_warning_names_what_to_use(self, arguments, told):
        with pytest.warns(DeprecationWarning, match="is deprecated") as caught:
            pairs, problems = wire.encode(CreateParameters, {"name": "Class", "meeting_id": "m-1", **arguments})

        assert [str(one.message) for one in caught] == [told]
        assert caught[0].filename == __file__  # the line of whoever called, not one of ours
        assert (len(pairs), problems) == (3, [])

    def test_nothing_is_said_where_nothing_is_sent(self):
        assert wire.encode(CreateParameters, {"name": "Class", "meeting_id": "m-1", "attendee_pw": None})[1] == []


class TestExtra:
    def encode(self, extra, **more):
        return wire.encode(CreateParameters, {"name": "Class", "meeting_id": "m-1", "extra": extra, **more})

    def test_a_parameter_we_do_not_know_yet_is_sent(self):
        pairs, problems = self.encode({"newSwitch": True, "new-words": "a b&c"})

        assert "&".join(pairs) == "name=Class&meetingID=m-1&newSwitch=true&new-words=a+b%26c"
        assert problems == []

    @pytest.mark.parametrize("extra", ["newSwitch", {"": "x"}, {"a b": "x"}, {"a&b": "x"}, {1: "x"}, {"a": 7}])
    def test_what_cannot_be_one_is_a_problem(self, extra):
        assert len(self.encode(extra)[1]) == 1

    @pytest.mark.parametrize("known", ["record", "meetingID", "meeting_id"])
    def test_one_we_do_know_goes_by_its_own_name(self, known):
        with pytest.raises(TypeError, match="are the same parameter"):
            self.encode({known: "x"})

    @pytest.mark.parametrize("extra", [None, {}])
    def test_without_any_nothing_is_sent(self, extra):
        assert "&".join(self.encode(extra)[0]) == "name=Class&meetingID=m-1"
