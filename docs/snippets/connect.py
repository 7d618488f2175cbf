import os

from django_bbb.api import BigBlueButtonClient, ChecksumError, ServerUnreachable, UnreadableResponse

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"], timeout=5, deadline=10)

try:
    info = client.check_connection()
except ChecksumError:
    print("The secret or the checksum algorithm is wrong.")
except ServerUnreachable as error:
    print(f"No answer: {error}")
except UnreadableResponse as error:
    print(f"Something answers there that is not BigBlueButton: {error}")
else:
    print(f"BigBlueButton {info.bbb_version or 'of an unknown version'}")
