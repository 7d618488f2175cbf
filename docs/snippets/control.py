import json
from contextlib import closing
from http.client import HTTPConnection

from django_bbb.simulator import BigBlueButtonSimulator


def control(method, path, **fields):
    """Ask the control API; a program in any language does the same."""
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        headers = {"Content-Type": "application/json"}
        connection.request(method, f"/simulator/{path}", body=json.dumps(fields), headers=headers)
        return json.load(connection.getresponse())


with BigBlueButtonSimulator(control=True) as server:
    control("POST", "meetings", meeting_id="m-1", name="Mathematics 7b", record=True, recorded=True)
    control("POST", "meetings/m-1/people", count=20, join_within=60, stay=[600, 900])
    control("POST", "clock", advance=120)
    control("POST", "faults", kind="html", status=503, call="getMeetings", times=1)

    print(control("GET", "meetings/m-1")["people"], "people")
