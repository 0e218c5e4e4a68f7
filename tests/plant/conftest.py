import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def data():
    """A directory for data that the user `nobody` can reach: pytest closes its own ones to all others."""
    place = Path(tempfile.mkdtemp(prefix="shouwen-test-"))
    place.chmod(0o755)
    (place / "var").mkdir()
    yield place / "var"
    shutil.rmtree(place, ignore_errors=True)
