"""The installation's secret: `SHOUWEN_KEY`, or a 0600 file that is never part of a backup of the data.

Several keys may be given, one a line in the file or separated by commas in the variable: the first one seals and
signs, all of them open. Nothing uses a key itself; everything asks for one derived for its purpose.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import overload

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shouwen.plant.disk import to_disk
from shouwen.plant.trouble import Trouble

SHORTEST = 32


def data_dir() -> Path:
    """Return the absolute directory of the data (`DATA_DIR`, by default `var` in the working directory)."""
    return Path(os.environ.get("DATA_DIR") or "var").resolve()


def key_file() -> Path:
    return data_dir() / "key"


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def is_given() -> bool:
    """Tell whether there is a key at all: in the environment or in the file."""
    return bool(os.environ.get("SHOUWEN_KEY")) or key_file().exists()


def make() -> None:
    """Make the key file of a new house, unless a key is given. Whoever asks knows that nothing was sealed yet."""
    if not is_given():
        key_file().parent.mkdir(parents=True, exist_ok=True)
        _create(key_file(), new_key() + "\n")


def all() -> list[bytes]:  # noqa: A001 - keys.all() is what it is called
    """Return every key, the current one first; `Trouble` where there is none."""
    if not is_given():
        raise lost()
    given = os.environ.get("SHOUWEN_KEY", "")
    words = given.replace(",", "\n").split() if given else key_file().read_text().split()
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


def lost() -> Trouble:
    """What to say where there are data and no key that fits: a new one would not open them, and lock more away."""
    return Trouble(
        f"缺少密钥，已加密的电话、证件号码读不出来：请把当初另行保存的密钥文件放回 {key_file()}（权限 600），"
        "或设置环境变量 SHOUWEN_KEY，再试一次。",
        f"The key is missing, sealed telephones and identity numbers can't be read: put the copy you kept back to "
        f"{key_file()} (mode 600), or set SHOUWEN_KEY, and try again.",
    )


class Ring(Sequence[bytes]):
    """Every key, the current one first, as they are at this moment: a running process takes a new one by itself.

    The file is looked at (not read) each time, about a microsecond: there is no moment at which one process seals with
    a key that another does not know yet. A file that is gone or spoilt leaves the keys that were read last.
    """

    def __init__(self) -> None:
        self._path = key_file()
        self._read: tuple[int, int, int] | None = None
        self._keys = all() if os.environ.get("SHOUWEN_KEY") else []
        self._fixed = bool(self._keys)

    def _now(self) -> list[bytes]:
        if self._fixed:
            return self._keys
        try:
            seen = self._path.stat()
            stamp = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
            if stamp != self._read:
                self._keys, self._read = all(), stamp
        except (OSError, Trouble):
            if not self._keys and self._path.exists():
                raise
        return self._keys

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        return self._now()[index]

    def __len__(self) -> int:
        return len(self._now())

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._now())


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
            "密钥由环境变量 SHOUWEN_KEY 给出：请把新密钥写在它的最前面，用逗号与旧密钥隔开，重新启动，"
            "再执行 `./dev manage reseal`。",
            "The key comes from SHOUWEN_KEY: write the new key before the old ones there, with commas, start again, "
            "then run `./dev manage reseal`.",
        )
    if not is_given():
        raise lost()
    with _turn():  # of two at once the second would write over the first one's key, which has sealed already
        fresh, old = new_key(), [key.decode() for key in all()]
        _write(key_file(), "\n".join([fresh, *old]) + "\n")
    return fresh


@contextmanager
def _turn() -> Iterator[None]:
    handle = os.open(key_file().parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _hkdf(key: bytes, purpose: str) -> bytes:
    info = f"shouwen/{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)


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
        to_disk(out.fileno())
    draft.replace(path)
