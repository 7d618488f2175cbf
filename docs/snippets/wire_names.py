import os

from django_bbb.api import BigBlueButtonClient

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"])

# A dictionary that was made for another client, with the names of BigBlueButton's own documentation.
arguments = {
    "name": "Mathematics 7b",
    "meetingID": "mathematics-7b",
    "maxParticipants": 30,
    "muteOnStart": True,
    "meta_endCallbackUrl": "https://lms.example.org/ended/",
}
meeting = client.meetings.create_meeting(**arguments, meta={"course": "7b", "term": "autumn"})

info = client.meetings.get_meeting_info(meetingID="mathematics-7b")
print(info.name, info.create_time, info.metadata["course"])
for attendee in info.attendees:
    print(attendee.full_name, attendee.role)
