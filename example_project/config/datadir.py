"""What the demo keeps between runs: one folder, and in it one JSON file that only you can read.

The launcher and `manage.py` read the same file, so `manage.py shell` works beside a running demo and after
it.  An environment variable wins: DEMO_PORT over PORT.
"""

import json
import os
import secrets
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """Return the demo's folder (DEMO_DATA, or .demo in the repository), making it if need be."""
    folder = Path(os.environ.get("DEMO_DATA") or REPOSITORY / ".demo").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def load(folder: Path) -> dict[str, str]:
    """Return ports and secrets; the secrets are made once and never leave the folder."""
    file = folder / "demo.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    values = {
        "PORT": "8123",
        "SIMULATOR_PORT": "8124",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BBB_SECRET": secrets.token_urlsafe(48),
        **kept,
    }
    if values != kept:
        keep(folder, values)
    return {name: os.environ.get(f"DEMO_{name}") or value for name, value in values.items()}


def keep(folder: Path, values: dict[str, str]) -> None:
    """Write the values where `load` finds them."""
    # A temporary file is born with mode 600, and a rename is never half done.
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".json", delete=False) as draft:
        json.dump(values, draft, indent=2)
    Path(draft.name).replace(folder / "demo.json")
