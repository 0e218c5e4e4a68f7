"""`shouwen bench start`: a clean copy of this tree, one `./dev run` until it greets, and a second one over its data."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from shouwen.plant.ports import free_port
from shouwen.plant.trouble import Trouble

ROOT = Path(__file__).resolve().parents[3]
MADE = (
    ".git",
    ".venv",
    ".side",
    "var",
    "node_modules",
    "dist",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "*.mo",
)
OURS = (
    "DATABASE_URL",
    "DATA_DIR",
    "HOST",
    "SITE_URL",
    "SHOUWEN_DEMO",
    "SHOUWEN_TESTING",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)
COLD, AGAIN = 180.0, 8.0
"""Seconds allowed: with a package mirror at hand, and with everything there."""
GIVEN_UP = 900.0


def command(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="shouwen bench start")
    parser.add_argument("--json", action="store_true")
    parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="shouwen-start-") as place:
        Path(place).chmod(0o755)
        tree = Path(place) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*MADE))
        good = [_measured(tree, "start", COLD), _measured(tree, "start_again", AGAIN)]
    return 0 if all(good) else 1


def _measured(tree: Path, name: str, bar: float) -> bool:
    seconds = greeted(tree)
    line = {
        "bench": name, "value": round(seconds, 2), "unit": "s", "limit": None, "ratio": None, "bar": bar,
        "ok": seconds <= bar, "n": 1, "rounds": 1,
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    return seconds <= bar


def greeted(tree: Path) -> float:
    """Seconds from `./dev run` until it has said its address and how to stop; stopped by Ctrl-C afterwards."""
    python = getattr(sys, "_base_executable", sys.executable)
    given = {k: v for k, v in os.environ.items() if k not in OURS}
    given |= {"PORT": str(free_port("127.0.0.1", None)), "PYTHONUNBUFFERED": "1"}
    begun, said = time.monotonic(), []
    with subprocess.Popen(
        [python, "dev", "run"],
        cwd=tree,
        env=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as up:
        for line in up.stdout or ():
            said.append(line)
            if "Ctrl-C stops everything" in line or time.monotonic() - begun > GIVEN_UP:
                break
        seconds = time.monotonic() - begun
        if up.poll() is None:
            up.send_signal(signal.SIGINT)
        up.stdout.read() if up.stdout else None
    if not said or "Ctrl-C stops everything" not in said[-1]:
        raise Trouble(f"没有启动起来：{''.join(said[-5:])}", "It did not start: see what it said above.")
    return seconds


__all__ = ["command", "greeted"]
