import io
import os
import stat
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from openpyxl import Workbook
from PIL import Image

from shouwen.kernel import clock, files, limits
from shouwen.kernel.actors import System
from shouwen.kernel.files import IMAGE, OFFICE, PDF, BadFile, StoredFile

HOUSE = System.of(1)
PICTURES = frozenset({IMAGE})
PAPERS = frozenset({IMAGE, PDF, OFFICE})


@pytest.fixture(autouse=True)
def _ground(settings, tmp_path):
    settings.SHOUWEN_KEYS = [b"k" * 32]
    settings.FILES_DIR = tmp_path / "files"


def jpeg(width=800, height=600, **options):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def png():
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "PNG")
    return out.getvalue()


PDF_BYTES = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def workbook(**extra):
    out = io.BytesIO()
    Workbook().save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def upload(data, name):
    return SimpleUploadedFile(name, data)


def take(data, name, kinds=PICTURES):
    return files.accept(upload(data, name), kinds, actor=HOUSE, community_id=1)


def refused(data, name, kinds=PICTURES):
    with pytest.raises(BadFile) as caught:
        files.prepare(upload(data, name), kinds)
    assert str(caught.value) != caught.value.code
    return caught.value.code


def blobs():
    return sorted(path.name for path in files._all_blobs())


# --- what comes in ---


def test_a_photograph_is_kept_by_its_hash_with_variants_readable_by_us_alone(db):
    stored = take(jpeg(), "C:\\照片\\厨房 漏水.JPG")
    assert (stored.name, stored.mime, stored.width, stored.height) == (
        "厨房 漏水.jpg",
        "image/jpeg",
        800,
        600,
    )
    assert (stored.created_by_kind, stored.created_by_id, stored.community_id) == ("system", None, 1)
    assert stored.size == stored.path().stat().st_size
    assert blobs() == sorted([stored.sha256, f"{stored.sha256}.screen", f"{stored.sha256}.thumb"])
    assert stat.S_IMODE(stored.path().stat().st_mode) == 0o600
    with Image.open(stored.path("thumb")) as thumb:
        assert thumb.size == (320, 240)


def test_position_is_sealed_in_the_row_and_not_in_the_bytes(db):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 30.0, 0.0), 3: "E", 4: (120.0, 15.0, 0.0)})
    stored = StoredFile.objects.get(pk=take(jpeg(exif=exif), "a.jpg").pk)
    assert stored.position == "30.500000,120.250000"
    with Image.open(stored.path()) as kept:
        assert not kept.getexif()


def test_the_same_picture_twice_is_two_rows_and_one_blob(db):
    one, two = take(jpeg(), "a.jpg"), take(jpeg(), "b.jpg")
    assert one.pk != two.pk
    assert one.path() == two.path()
    assert len(blobs()) == 3


def test_a_document_is_kept_as_it_is(db):
    stored = take(PDF_BYTES, "合同.pdf", PAPERS)
    assert stored.path().read_bytes() == PDF_BYTES
    assert (stored.mime, stored.name, stored.width) == ("application/pdf", "合同.pdf", None)
    book = take(workbook(), "房产.xlsx", PAPERS)
    assert book.name == "房产.xlsx"
    with pytest.raises(ValueError, match="variant"):
        stored.path("thumb")


def test_the_name_is_made_harmless_and_gets_the_true_extension():
    def name(given):
        return files.prepare(upload(png(), given), PICTURES).name

    assert name("微信图片.jpg") == "微信图片.png"
    assert name("a\u202egpj.exe.png") == "agpj.exe.png"
    assert name("...") == "未命名.png"
    assert len(name("长" * 300 + ".png")) == 120
    assert name("../../etc/passwd.png") == "passwd.png"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.jpg", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "kind"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "a.jpg", "kind"),
        (b"GIF89a<script>", "a.gif", "kind"),
        (b"MZ\x90\0" + b"\0" * 200, "a.jpg", "kind"),
        (b"just words", "a.jpg", "kind"),
        (PDF_BYTES, "a.pdf", "kind"),
        (b"\xff\xd8\xff\xe0 <html>", "a.jpg", "broken-picture"),
        (png(), "a.pdf", "not-what-it-says"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data, name, code):
    assert refused(data, name) == code


def test_documents_that_are_not_what_they_seem_are_refused():
    assert refused(PDF_BYTES, "a.jpg", PAPERS) == "not-what-it-says"
    assert refused(PDF_BYTES[:40], "a.pdf", PAPERS) == "broken-pdf"
    assert refused(b"<html>" + PDF_BYTES, "a.pdf", PAPERS) == "kind"
    assert (
        refused(
            workbook(xl__vbaProject__bin=b"x").replace(b"vbaProject/bin", b"vbaProject.bin"), "a.xlsx", PAPERS
        )
        == "macros"
    )
    assert refused(workbook(big=b"\0" * 90_000_000), "a.xlsx", PAPERS) == "bomb"
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("evil.html", "<script>")
    assert refused(plain.getvalue(), "a.docx", PAPERS) == "kind"


def test_the_sentence_says_what_is_taken_here():
    with pytest.raises(BadFile, match=r"图片.*PDF"):
        files.prepare(upload(b"words", "a.txt"), frozenset({IMAGE, PDF}))


def test_a_file_that_is_too_big_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 1_000)
    assert refused(jpeg(), "a.jpg") == "too-big"


def test_a_polyglot_loses_its_second_face(db):
    stored = take(jpeg() + b"<script>alert(1)</script>" + PDF_BYTES, "a.jpg")
    assert b"script" not in stored.path().read_bytes()


# --- writing ---


def test_a_write_that_is_cut_leaves_no_blob_behind(db, monkeypatch):
    def fail(_fd):
        raise OSError("disk full")

    monkeypatch.setattr(files, "to_disk", fail)
    with pytest.raises(OSError, match="disk full"):
        take(jpeg(), "a.jpg")
    assert blobs() == []
    assert not StoredFile.objects.exists()


def test_a_rolled_back_row_leaves_bytes_for_the_sweep_only(db):
    prepared = files.prepare(upload(png(), "a.png"), PICTURES)
    with transaction.atomic():
        files.keep(prepared, actor=HOUSE, community_id=1)
        transaction.set_rollback(True)
    assert blobs()
    assert not StoredFile.objects.exists()


# --- sending ---


def test_pictures_are_shown_and_documents_downloaded_and_neither_is_sniffed(db):
    picture, paper = take(jpeg(), "漏水.jpg"), take(PDF_BYTES, "合同.pdf", PAPERS)
    shown, small, sent = picture.response(), picture.response("thumb"), paper.response()
    assert shown["Content-Type"] == small["Content-Type"] == "image/jpeg"
    assert shown["Content-Disposition"].startswith("inline")
    assert sent["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    for answer in (shown, small, sent):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "private" in answer["Cache-Control"]
    assert b"".join(sent.streaming_content) == PDF_BYTES
    for answer in (shown, small, sent):
        answer.close()


# --- sweeping ---


@pytest.fixture
def holder(db):
    """A room that holds files by a foreign key without a name on the other side."""

    class Holder(models.Model):
        file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

        class Meta:
            app_label = "kernel"

    with connection.schema_editor() as editor:
        editor.create_model(Holder)
    yield Holder
    del apps.all_models["kernel"]["holder"]
    apps.clear_cache()


def age(days=2):
    """Make every blob older, as the rows were made by a frozen clock."""
    past = time.time() - days * 86_400
    for path in files._all_blobs():
        os.utime(path, (past, past))


def test_the_sweep_takes_what_nobody_holds_and_leaves_the_rest(holder):
    with time_machine.travel(clock.now() - timedelta(days=2), tick=False):
        held, loose, twin = take(jpeg(), "held.jpg"), take(png(), "loose.png"), take(jpeg(), "twin.jpg")
    fresh = take(jpeg(400, 300), "fresh.jpg")
    holder.objects.create(file=held)
    age()
    os.utime(fresh.path())
    swept = files.sweep()
    assert swept.rows == 2
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {held.pk, fresh.pk}
    assert held.path().exists(), "the twin's row is gone, but another row names these bytes"
    assert not loose.path().exists()
    assert swept.blobs == 3
    assert twin.sha256 == held.sha256
    assert files.sweep() == (0, 0)


def test_the_sweep_spares_bytes_that_were_just_written_and_takes_old_drafts(holder):
    stored = take(png(), "a.png")
    StoredFile.objects.all().delete()
    draft = stored.path().with_name(".0011.part")
    draft.write_bytes(b"half")
    assert files.sweep() == (0, 0)
    age()
    assert files.sweep().blobs == 4
    assert not draft.exists()


def test_the_sweep_looks_again_once_it_holds_the_bytes(db, monkeypatch):
    """An upload that was rolled back meanwhile left no row, but its sender may try again at once."""
    path = files._blob("ab" * 32)
    files._write(path, b"bytes")
    age()
    monkeypatch.setattr(files, "_hold", lambda _digest: os.utime(path))
    assert not files._drop_unnamed(path, time.time() - 3600)
    assert path.exists()


def test_rows_are_kept_while_no_room_that_holds_files_is_loaded(db, monkeypatch):
    with time_machine.travel(clock.now() - timedelta(days=2), tick=False):
        stored = take(png(), "a.png")
    monkeypatch.setattr(files, "_holders", list)
    assert files.sweep().rows == 0
    assert StoredFile.objects.filter(pk=stored.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_waits_for_an_upload_of_the_same_bytes_and_then_spares_them():
    prepared = files.prepare(upload(png(), "a.png"), PICTURES)
    path = files._blob(prepared.sha256)
    written, dropped = Event(), []

    def sweeps():
        written.wait(30)
        dropped.append(files._drop_unnamed(path, time.time() + 3600))
        connection.close()

    thread = Thread(target=sweeps)
    thread.start()
    with transaction.atomic():
        files.keep(prepared, actor=HOUSE, community_id=1)
        written.set()
        thread.join(0.5)
        assert thread.is_alive(), "the sweep must wait for the commit"
    thread.join(30)
    assert dropped == [False]
    assert path.exists()


@pytest.mark.django_db(transaction=True)
def test_an_upload_waits_for_a_sweep_of_the_same_bytes_and_then_writes_them_again(monkeypatch):
    prepared = files.prepare(upload(png(), "a.png"), PICTURES)
    path = files._blob(prepared.sha256)
    files._write(path, prepared.data)
    swept, kept = [], []

    def uploads():
        kept.append(files.keep(prepared, actor=HOUSE, community_id=1).pk)
        connection.close()

    thread = Thread(target=uploads)
    true_unlink = Path.unlink

    def slow_unlink(self, **options):
        if self == path:
            thread.start()
            thread.join(0.5)
            swept.append(thread.is_alive())
        true_unlink(self, **options)

    monkeypatch.setattr(Path, "unlink", slow_unlink)
    assert files._drop_unnamed(path, time.time() + 3600)
    thread.join(30)
    assert swept == [True], "the upload must wait for the sweep"
    assert path.exists()
    assert kept
