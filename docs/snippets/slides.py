import os

from django_bbb.api import BigBlueButtonClient, Document

client = BigBlueButtonClient(os.environ["BBB_URL"], os.environ["BBB_SECRET"])
client.meetings.create_meeting(
    name="Mathematics 7b",
    meeting_id="mathematics-7b",
    slides=[
        Document(url="https://lms.example.org/slides/circles.pdf", filename="circles.pdf", current=True),
        Document(content=b"Homework: page 17", filename="homework.txt", downloadable=True),
    ],
)
