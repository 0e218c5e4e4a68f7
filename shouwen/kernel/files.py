"""Files from outside: looked at, made harmless, kept by their hash outside the web root.

A row `StoredFile` is held by real foreign keys of the rooms; what no row holds is swept after a day. The slow
half (`prepare`) needs no database, so that a caller can run it before its transaction begins.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final, NamedTuple
from uuid import UUID

import puremagic
from django.conf import settings
from django.core.files.base import File
from django.db import connection, models, transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from shouwen.kernel import clock, ids, images, limits, sheets, text, vault
from shouwen.kernel.actors import Actor
from shouwen.kernel.images import VARIANTS, BadFile
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined
from shouwen.plant.disk import to_disk

__all__ = [
    "IMAGE",
    "OFFICE",
    "PDF",
    "BadFile",
    "Prepared",
    "StoredFile",
    "Swept",
    "accept",
    "keep",
    "prepare",
    "sent_by",
    "sweep",
]

IMAGE: Final = "image"
PDF: Final = "pdf"
OFFICE: Final = "office"

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXTENSIONS: Final = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    _DOCX: ".docx",
    _XLSX: ".xlsx",
}
_CLAIMS: Final = {
    **dict.fromkeys((".jpg", ".jpeg", ".jfif", ".png", ".webp", ".heic", ".heif"), IMAGE),
    ".pdf": PDF,
    **dict.fromkeys((".docx", ".xlsx"), OFFICE),
}
_NAME_LENGTH: Final = 120
_KEPT_UNHELD: Final = timedelta(days=1)


class StoredFile(models.Model):
    """What is known of one kept file. Its bytes are at `path()`; two rows with the same bytes share them."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    community_id = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=_NAME_LENGTH)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    position = vault.SealedField(purpose="file.position", null=True)
    created_at = models.DateTimeField()
    created_by_kind = models.TextField()
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        app_label = "kernel"
        indexes: ClassVar = [models.Index(fields=["sha256"], name="stored_file_sha256")]

    @property
    def is_image(self) -> bool:
        return self.mime.startswith("image/")

    def path(self, variant: str = "") -> Path:
        """Where the bytes are; `variant` is "", "thumb" or "screen" (only pictures have the last two)."""
        if variant and (variant not in VARIANTS or not self.is_image):
            raise ValueError(f"no variant {variant!r} of a {self.mime}")
        return _blob(self.sha256, variant)

    def response(self, variant: str = "") -> FileResponse:
        """Send the bytes: pictures shown, others downloaded. First ask `visible_to` of the owner row."""
        path = self.path(variant)
        mime = _mime_of(path) if variant else self.mime
        attach = not self.is_image
        answer = FileResponse(path.open("rb"), as_attachment=attach, filename=self.name, content_type=mime)
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


@dataclass(frozen=True, slots=True)
class Prepared:
    """An upload that was accepted, ready to be kept."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    width: int | None = None
    height: int | None = None
    position: images.Position | None = field(default=None, repr=False)
    variants: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Swept(NamedTuple):
    rows: int
    blobs: int


def accept(
    upload: File[bytes], kinds: frozenset[str], *, actor: Actor, community_id: int | None
) -> StoredFile:
    """Look at an upload, make it harmless and keep it; raises `BadFile` with a sentence for the sender."""
    return keep(prepare(upload, kinds), actor=actor, community_id=community_id)


def prepare(upload: File[bytes], kinds: frozenset[str]) -> Prepared:
    """The slow half of `accept`: no database, no disk. `kinds` is a subset of {IMAGE, PDF, OFFICE}."""
    upload.seek(0)
    data = upload.read(limits.FILE_BYTES + 1)
    if not data:
        raise BadFile("empty", _("文件是空的"))
    if len(data) > limits.FILE_BYTES:
        raise BadFile("too-big", _("文件超过 20 MB"))
    name = text.clean_line(Path((upload.name or "").replace("\\", "/")).name)
    mime, kind = _recognise(data)
    if kind not in kinds:
        raise BadFile("kind", _refusal(kinds))
    claimed = _CLAIMS.get(Path(name).suffix.lower(), "")
    if claimed and claimed != kind:
        raise BadFile("not-what-it-says", _("文件内容与扩展名不符"))
    if kind != IMAGE:
        return Prepared(_named(name, mime), mime, data)
    picture = images.reencode(data)
    return Prepared(
        _named(name, picture.mime),
        picture.mime,
        picture.data,
        picture.width,
        picture.height,
        picture.position,
        picture.variants,
    )


def keep(prepared: Prepared, *, actor: Actor, community_id: int | None) -> StoredFile:
    """Write the bytes (once for each content) and the row."""
    digest = prepared.sha256
    with transaction.atomic():
        _hold(digest)
        for variant, data in (*prepared.variants.items(), ("", prepared.data)):
            _write(_blob(digest, variant), data)
        return StoredFile.objects.create(
            community_id=community_id,
            sha256=digest,
            name=prepared.name,
            mime=prepared.mime,
            size=len(prepared.data),
            width=prepared.width,
            height=prepared.height,
            position=str(prepared.position) if prepared.position else None,
            created_at=clock.now(),
            created_by_kind=actor.kind,
            created_by_id=actor.id,
        )


def sent_by(actor: Actor, community_id: int, keys: Sequence[UUID]) -> None:
    """Refuse unless this actor sent all these pictures, for this community; unknown and foreign look the same."""
    if not keys:
        return
    mine = StoredFile.objects.filter(
        pk__in=keys, community_id=community_id, mime__startswith="image/",
        created_by_kind=actor.kind, created_by_id=actor.id,
    )  # fmt: skip
    if mine.count() != len(set(keys)):
        raise NotFound("not_found")


def sweep(older_than: timedelta = _KEPT_UNHELD) -> Swept:
    """Delete rows that no foreign key of any room holds, then bytes that no row names, all of them old."""
    relations = _holders()
    loose = StoredFile.objects.filter(pk__lt=ids.first_id(clock.now() - older_than))
    for relation in relations:
        holders = relation.related_model._base_manager
        loose = loose.filter(~Exists(holders.filter(**{relation.field.name: OuterRef("pk")})))
    # A house in which no room holds files would lose them all: then something was not loaded.
    rows = loose.delete()[0] if relations else 0
    before = (clock.now() - older_than).timestamp()
    blobs = sum(_drop_unnamed(path, before) for path in _all_blobs())
    return Swept(rows, blobs)


def _holders() -> list[ForeignObjectRel]:
    """Every foreign key to a file, also those without a name on this side (`related_name="+"`)."""
    fields = StoredFile._meta.get_fields(include_hidden=True)
    return [
        item
        for item in fields
        if isinstance(item, ForeignObjectRel) and (item.one_to_many or item.one_to_one)
    ]


def _recognise(data: bytes) -> tuple[str, str]:
    """The type by content: (mime, kind); kind is "" for everything that we don't take."""
    if data.startswith(b"%PDF-"):
        whole = b"%%EOF" in data[-2048:] and b"startxref" in data[-2048:]
        if not whole:
            raise BadFile("broken-pdf", _("PDF 文件不完整，请重新导出后上传"))
        return "application/pdf", PDF
    if data.startswith(b"PK\x03\x04"):
        return _recognise_office(data)
    try:
        found = {match.mime_type for match in puremagic.magic_string(data[:4096])}
    except (puremagic.PureError, ValueError):
        return "", ""
    for mime in ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"):
        if mime in found:
            return mime, IMAGE
    return "", ""


def _recognise_office(data: bytes) -> tuple[str, str]:
    names = sheets.check_archive(data)
    if "[Content_Types].xml" not in names:
        return "", ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise BadFile("macros", _("不接收带宏的文件"))
    if "word/document.xml" in names:
        return _DOCX, OFFICE
    return (_XLSX, OFFICE) if "xl/workbook.xml" in names else ("", "")


def _refusal(kinds: frozenset[str]) -> str:
    words = {
        IMAGE: _("图片(JPG、PNG、WebP、HEIC)"),
        PDF: _("PDF"),
        OFFICE: _("Word 或 Excel 文件(docx、xlsx)"),
    }
    taken = joined(str(words[kind]) for kind in (IMAGE, PDF, OFFICE) if kind in kinds)
    return _("这里只接收：%(kinds)s") % {"kinds": taken}


def _named(name: str, mime: str) -> str:
    """The sender's name for the file, with the extension of what it is."""
    extension = _EXTENSIONS[mime]
    stem = Path(name).stem.strip(". ") or str(_("未命名"))
    return stem[: _NAME_LENGTH - len(extension)] + extension


def _mime_of(path: Path) -> str:
    with path.open("rb") as source:
        return "image/png" if source.read(4) == b"\x89PNG" else "image/jpeg"


def _blob(digest: str, variant: str = "") -> Path:
    tail = f".{variant}" if variant else ""
    return Path(settings.FILES_DIR) / digest[:2] / digest[2:4] / f"{digest}{tail}"


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all, and onto the disk before the name exists."""
    if path.exists():
        os.utime(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            to_disk(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        to_disk(folder)
    finally:
        os.close(folder)


def _hold(digest: str) -> None:
    """Keep the sweep away from these bytes until the transaction ends (and uploads away from the sweep)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def _all_blobs() -> Iterator[Path]:
    root = Path(settings.FILES_DIR)
    return (path for path in root.glob("??/??/*") if path.is_file()) if root.is_dir() else iter(())


def _drop_unnamed(path: Path, before: float) -> bool:
    if path.stat().st_mtime >= before:
        return False
    digest = path.name.partition(".")[0]
    if not digest:  # a draft of a process that was killed
        path.unlink(missing_ok=True)
        return True
    with transaction.atomic():
        _hold(digest)
        if path.stat().st_mtime >= before or StoredFile.objects.filter(sha256=digest).exists():
            return False
        path.unlink()
    return True
