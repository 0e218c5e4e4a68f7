"""The installation's secret: `SHOUWEN_KEY`, or a 0600 file that is never part of a backup of the data.

Several keys may be given, one a line in the file or separated by commas in the variable: the first one seals and
signs, all of them open. Nothing uses a key itself; everything asks for one derived for its purpose.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shouwen.plant.trouble import Trouble

SHORTEST = 32


def data_dir() -> Path:
    """Return the absolute directory of the data (`DATA_DIR`, by default `var` in the working directory)."""
    return Path(os.environ.get("DATA_DIR") or "var").resolve()


def key_file() -> Path:
    return data_dir() / "key"


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def all() -> list[bytes]:  # noqa: A001 - keys.all() is what it is called
    """Return every key, the current one first; make the file at the first call where there is none."""
    given = os.environ.get("SHOUWEN_KEY", "")
    words = given.replace(",", "\n").split() if given else _read_file()
    if not words:
        raise Trouble(
            f"密钥文件 {key_file()} 是空的：请从保存处恢复它，否则已加密的资料无法读出。",
            f"The key file {key_file()} is empty: put back your kept copy, or sealed data can't be read.",
        )
    for word in words:
        if len(word) < SHORTEST:
            raise Trouble(
                f"每个密钥至少 {SHORTEST} 个字符；可用 `./dev key new` 生成。",
                f"Each key needs at least {SHORTEST} characters; `./dev key new` makes one.",
            )
    return [word.encode() for word in words]


def current() -> bytes:
    return all()[0]


def derive(purpose: str) -> bytes:
    """Return 32 bytes that belong to the current key and this purpose alone."""
    return derive_all(purpose)[0]


def derive_all(purpose: str) -> list[bytes]:
    """Return the derived bytes of every key, the current one first: open with any, seal with the first."""
    return [_hkdf(key, purpose) for key in all()]


def rotate() -> str:
    """Put a new key before the old ones in the file and return it. A key in the environment is rotated there."""
    if os.environ.get("SHOUWEN_KEY"):
        raise Trouble(
            "密钥由环境变量 SHOUWEN_KEY 给出：请把新密钥写在它的最前面，用逗号与旧密钥隔开，再执行 `./dev manage reseal`。",
            "The key comes from SHOUWEN_KEY: write the new key before the old ones there, with commas, "
            "then run `./dev manage reseal`.",
        )
    fresh, old = new_key(), [key.decode() for key in all()]
    _write(key_file(), "\n".join([fresh, *old]) + "\n")
    return fresh


def _hkdf(key: bytes, purpose: str) -> bytes:
    info = f"shouwen/{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)


def _read_file() -> list[str]:
    path = key_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path, new_key() + "\n")
    return path.read_text().split()


def _create(path: Path, text: str) -> None:
    """Write a file that did not exist, whole or not at all; when two processes race, the first one wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    _write(draft, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
