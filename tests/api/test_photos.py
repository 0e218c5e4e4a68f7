"""Pictures at the machine door: sent first, within the limits of the screens, named by a case of the same token."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shouwen.cases.models import Case, Photo
from shouwen.kernel import limits
from shouwen.kernel.files import StoredFile
from tests.api.conftest import Machine, make_token
from tests.api.test_cases import body
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def picture(name: str = "site.jpg", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "梅若兰的厨房"
    Image.new("RGB", size, "#88aacc").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def send(machine: Machine, file: Any) -> Any:
    return machine.client.post("/api/v1/photos", {"photo": file})


def test_a_picture_is_sent_first_and_then_belongs_to_the_case(cast: Cast, machine: Machine) -> None:
    sent = send(machine, picture())
    assert (sent.status_code, sent.json()["width"], sent.json()["mime"]) == (201, 60, "image/jpeg")
    key = sent.json()["id"]
    made = machine.post("/cases", body(cast, photos=[key, key]), key="k")
    assert made.status_code == 201, made.json()
    assert [str(p.file_id) for p in Photo.objects.filter(case_id=made.json()["id"])] == [key]
    assert "梅若兰的厨房".encode() not in StoredFile.objects.get(pk=key).path().read_bytes()
    assert machine.post("/cases", body(cast, photos=[key, key]), key="k").status_code == 200
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>"), "file.kind"),
        (SimpleUploadedFile("a.pdf", picture().read()), "file.not-what-it-says"),
        (SimpleUploadedFile("a.jpg", picture().read()[:300]), "file.broken-picture"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8" + b"x" * (limits.FILE_BYTES + 1)), "file.too-big"),
        ("just words", "api.invalid"),
    ],
    ids=["svg", "pdf", "cut", "big", "words"],
)
def test_what_is_no_picture_gets_the_sentence_of_the_screens(machine: Machine, file: Any, code: str) -> None:
    answer = send(machine, file)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["sentence"]
    assert not StoredFile.objects.exists()


def test_a_broken_form_is_a_sentence_too(machine: Machine) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = machine.client.post("/api/v1/photos", b"\xff\0nonsense", content_type=kind)
        assert answer.status_code == 422, answer.content
        assert answer.json()["code"] in ("api.unreadable", "api.invalid")


def test_nobody_names_a_picture_of_somebody_else(cast: Cast, machine: Machine, stranger: Machine) -> None:
    colleague = Machine(make_token(cast.community, cast.bob))
    for other in (stranger, colleague):
        theirs = send(other, picture()).json()["id"]
        answer = machine.post("/cases", body(cast, photos=[theirs]))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert machine.post("/cases", body(cast, photos=[str(uuid4())])).status_code == 404
    many = [str(uuid4()) for _ in range(limits.FILES_AT_ONCE + 1)]
    assert machine.post("/cases", body(cast, photos=many)).status_code == 422
    assert not Case.objects.exists()


def test_a_method_that_an_address_does_not_have_is_refused_in_the_same_shape(machine: Machine) -> None:
    for method, path, allowed in (
        ("delete", "/cases", "GET, POST"),
        ("put", f"/cases/{uuid4()}", "GET"),
        ("get", "/photos", "POST"),
    ):
        answer = getattr(machine.client, method)(f"/api/v1{path}")
        assert answer.status_code == 405
        assert answer["Content-Type"].startswith("application/json")
        assert answer.json()["code"] == "api.no_method"
        assert set(answer["Allow"].split(", ")) == set(allowed.split(", "))
