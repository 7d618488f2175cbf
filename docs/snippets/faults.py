from django_bbb.api import BigBlueButtonClient, ServerUnreachable, UnreadableResponse
from django_bbb.simulator import BigBlueButtonSimulator, CloseConnection, TruncatedXml

with BigBlueButtonSimulator() as server:
    client = BigBlueButtonClient(server.url, server.secret)

    # The class is created, and nobody hears of it.
    server.faults.set(CloseConnection(when="after"), call="create")
    try:
        client.meetings.create_meeting(meeting_id="m-1", name="Mathematics 7b")
    except ServerUnreachable:
        print("Created all the same:", list(server.meetings))

    server.faults.set(TruncatedXml(part=0.5), call="getMeetings")
    try:
        client.meetings.get_meetings()
    except UnreadableResponse as error:
        print(error)
