"""The generated keyword arguments are those of the tables."""

from tests.guards import arguments


def test_the_committed_module_is_the_generated_one():
    assert arguments.TARGET.read_text() == arguments.source(), "Run `make arguments`."
