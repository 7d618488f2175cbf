"""Workers that are killed in the middle of a job on recordings: one sweep later all of them are done."""

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.processes.dying import JOB_POINTS
from tests.processes.stage import eventually

pytestmark = pytest.mark.processes

#: A batch of forty, and another.
COUNT = 50


@pytest.fixture
def recordings(stage):
    """Many recordings of a class of this site; the server says nothing about them by itself."""
    stage.simulator.lose_callbacks = True
    room, _run = stage.shell.do("start_class")
    return [stage.simulator.add_recording(room, name=f"Lesson {number}") for number in range(COUNT)]


def asked_for(stage):
    """Return how often the server was asked to change each recording."""
    calls = [entry for entry in stage.simulator.journal if entry.call == "publishRecordings"]
    return Counter(one for entry in calls for one in parse_qs(urlsplit(entry.url).query)["recordID"][0].split(","))


@pytest.mark.parametrize("point", JOB_POINTS)
def test_a_job_goes_on_where_its_worker_died(stage, recordings, point):
    stage.have_worker()
    stage.kill_at(point)

    job = stage.shell.do("start_job", "unpublish")
    stage.wait_for_death(point)
    stage.shell.do("leases_end")
    stage.shell.do("enqueue_sweep_of_jobs")

    eventually(lambda: stage.shell.do("job_facts", job)["is_over"])
    facts = stage.shell.do("job_facts", job)
    assert facts["results"] == {"done": COUNT}
    assert f"{COUNT} of {COUNT}: {COUNT} done, 0 asked for, 0 failed, 0 waiting." in facts["page"]
    assert not any(one.published for one in recordings)
    # What was done and not yet written down is done once more, and nothing a third time.
    asked = asked_for(stage)
    assert {one.record_id for one in recordings} == set(asked)
    assert max(asked.values()) <= 2


def test_before_the_sweep_its_page_says_what_is_left(stage, recordings):
    stage.have_worker()
    stage.kill_at("job-goes-on")

    job = stage.shell.do("start_job", "unpublish")
    stage.wait_for_death("job-goes-on")

    facts = stage.shell.do("job_facts", job)
    assert facts["results"] == {"done": 40, "waiting": 10}
    assert "40 of 50: 40 done, 0 asked for, 0 failed, 10 waiting." in facts["page"]
    assert "This goes on whether you wait or not." in facts["page"]
