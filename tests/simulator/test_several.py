"""Several simulators in one process, and one that streams."""

import socket
import threading
import tracemalloc

from django_bbb.simulator import ManyRecordings


def test_three_servers_keep_apart_what_many_threads_ask_of_them(make_simulator, make_client):
    clients = [make_client(make_simulator(secret=f"secret {number}")) for number in range(3)]
    outcomes = []

    def ask(client, meeting_id):
        created = client.ask("create", f"meetingID={meeting_id}&name=Algebra")
        other = clients[(clients.index(client) + 1) % 3]
        refused = client.fetch(client.url("getMeetings", secret=other.server.secret))
        outcomes.append((created.get("returncode"), refused.get("messageKey")))

    threads = [
        threading.Thread(target=ask, args=(client, f"m-{number}-{turn}"))
        for number, client in enumerate(clients)
        for turn in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == [("SUCCESS", "checksumError")] * 24
    assert len({client.server.port for client in clients}) == 3
    assert [sorted(client.server.meetings) for client in clients] == [
        sorted(f"m-{number}-{turn}" for turn in range(8)) for number in range(3)
    ]


def test_long_list_is_never_in_memory(simulator, client):
    simulator.faults.set(ManyRecordings(count=5_000), call="getRecordings")
    target, size = client.url("getRecordings").removeprefix(simulator.address), 0

    with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
        tracemalloc.start()
        connection.sendall(f"GET {target} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        while piece := connection.recv(65_536):
            size += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert size > 4_000_000
    assert peak < size / 4
