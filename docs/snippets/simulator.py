from django_bbb.api import BigBlueButtonClient
from django_bbb.simulator import BigBlueButtonSimulator, Timetable

with BigBlueButtonSimulator() as server:
    client = BigBlueButtonClient(server.url, server.secret)
    client.meetings.create_meeting(meeting_id="m-1", name="Mathematics 7b", record=True)

    teacher = server.join("m-1", "Ada Weber", role="MODERATOR")
    server.add_people("m-1", 25, Timetable(join_within=120, stay=(1800, 2700)), seed=1)
    server.set_recording("m-1", True)
    server.advance(300)  # five minutes go by at once

    server.activity.start_poll(teacher, "Is 1/3 more than 1/4?", ["Yes", "No"])
    server.advance(60)
    poll = server.meetings["m-1"].polls[0]
    print(len(client.meetings.get_meeting_info(meeting_id="m-1").attendees), "people,", len(poll.votes), "votes")

    server.end_meeting("m-1")
    server.finish_recordings()
    for recording in client.recordings.get_recordings(meeting_id="m-1"):
        print(recording.name, [playback.type for playback in recording.formats])
