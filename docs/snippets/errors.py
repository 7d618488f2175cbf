import os

from django_bbb.api import BigBlueButtonClient, InvalidParameters, MeetingNotFound, ServerError, ServerUnreachable

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"])

try:
    client.meetings.create_meeting(name="7", meeting_id="mathematics,7b")
except InvalidParameters as error:
    for problem in error.problems:  # both: nothing was sent
        print(problem)

try:
    client.meetings.end_meeting(meeting_id="mathematics-7b")
except MeetingNotFound:
    print("It has ended, or never began.")
except ServerError as error:  # any other refusal
    print(error.message_key, error.message)
except ServerUnreachable as error:
    print("No answer; another try may help.", error.server, error.call)
