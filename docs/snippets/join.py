import os

from django_bbb.api import BigBlueButtonClient, Role

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"])
meeting = client.meetings.create_meeting(name="Mathematics 7b", meeting_id="mathematics-7b")

# For one person's browser: redirect it there at once, and keep the URL nowhere.
url = client.meetings.join_url(
    meeting_id=meeting.meeting_id,
    full_name="Ada Weber",
    role=Role.MODERATOR,
    user_id="u17",
    create_time=meeting.create_time,
)
