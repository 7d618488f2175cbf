"""What the tests of a site use: a BigBlueButton of their own, and callbacks as it sends them.

With pytest and pytest-django, `pytest_plugins = ["django_bbb.testing.plugin"]` in the top `conftest.py`; without,
`with BigBlueButtonSimulator() as server:`.  It needs the extra `simulator`.
"""

from django_bbb.simulator import BigBlueButtonSimulator

__all__ = ["BigBlueButtonSimulator"]
