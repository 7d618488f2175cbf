"""A literal vector, made with openssl and basenc."""

from django_bbb.simulator.tokens import signed_parameters


def test_token_is_the_one_openssl_makes():
    token = signed_parameters(
        meeting_id="abc123",
        record_id="6367c48dd193d56ea7b0baad25b19455e529f5ee-1705314600123",
        secret="639259d4-9dd8-4b25-bf01-95f9567eaf4b",
    )

    assert token == (
        "eyJhbGciOiJIUzI1NiJ9."
        "eyJtZWV0aW5nX2lkIjoiYWJjMTIzIiwicmVjb3JkX2lkIjoiNjM2N2M0OGRkMTkzZDU2ZWE3YjBiYWFkMjViMTk0NTVlNTI5ZjVl"
        "ZS0xNzA1MzE0NjAwMTIzIn0."
        "t8y0-FDNx04UuZwThLMva8W8tmR28eWfUPjBC15sZKU"
    )
