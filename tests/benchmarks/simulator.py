"""isMeetingRunning of the simulator, among 2 000 meetings of 50 people, beside a bare Werkzeug view on its server."""

import hashlib
import http.client
from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.server import HttpServer

from .measure import Benchmark

MEETINGS = 2_000
PEOPLE = 50
SECRET = "secret"


@Request.application
def view(request: Request) -> Response:
    """Answer the same with nothing checked."""
    return Response(answer, content_type="text/xml;charset=utf-8")


def asking(port: int, target: str) -> Callable[[], bytes]:
    """Return what makes one request on a connection that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask() -> bytes:
        connection.request("GET", target)
        return connection.getresponse().read()

    return ask


query = f"meetingID=m-{MEETINGS // 2}"
checksum = hashlib.sha256(f"isMeetingRunning{query}{SECRET}".encode()).hexdigest()
target = f"/bigbluebutton/api/isMeetingRunning?{query}&checksum={checksum}"

simulator = BigBlueButtonSimulator(secret=SECRET).start()
for number in range(MEETINGS):
    meeting = simulator.create_meeting(f"m-{number}", name=f"Class {number}")
    for person in range(PEOPLE):
        simulator.join(meeting.meeting_id, f"Person {person}", user_id=f"u{person}")
answer = asking(simulator.port, target)()
bare = HttpServer(view, host="127.0.0.1", port=0)
bare.start()

ours, floor = asking(simulator.port, target), asking(bare.port, target)
if b"<running>true</running>" not in answer or floor() != answer:
    raise AssertionError("The simulator and the bare view do not answer the same.")

BENCHMARKS = [
    # Three tenths of the requests in the same time.
    Benchmark("isMeetingRunning among 2000 meetings, to a bare view", ours, floor, 3.33),
]
