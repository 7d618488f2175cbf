import os

from django_bbb.api import BigBlueButtonClient

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"])

for recording in client.recordings.get_recordings(meeting_id="mathematics-7b"):
    print(recording.record_id, recording.name, recording.state, recording.start_time)
    for playback in recording.formats:
        print(playback.type, playback.url, playback.length)
    if "draft" in recording.metadata:
        client.recordings.publish_recordings(record_id=recording.record_id, publish=False)
