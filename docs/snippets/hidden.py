import os

from django_bbb.api import BigBlueButtonClient, Secret

secret = Secret(os.environ["BBB_SECRET"])  # shows as ***
client = BigBlueButtonClient(os.environ["BBB_URL"], secret, algorithm="sha512")

url = client.meetings.join_url(meeting_id="mathematics-7b", full_name="Ada Weber", role="VIEWER")
print(repr(url))  # the address of the call, without its query
