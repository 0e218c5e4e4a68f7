"""Addresses of orders: the board, the technician's telephone, the list, the printed sheets."""

from __future__ import annotations

from django.urls import path

from shouwen.front import board, orderlist
from shouwen.front.field import app, pages, pocket
from shouwen.front.many import bulk

urlpatterns = [
    path("orders/", orderlist.order_list, name="order_list"),
    path("orders/board", board.board, name="board"),
    path("orders/board/assign", board.assign, name="board_assign"),
    path("orders/bulk/<slug:name>", bulk.order_bulk, name="order_bulk"),
    path("orders/mine", pages.my_orders, name="my_orders"),
    path("orders/app.webmanifest", app.manifest, name="app_manifest"),
    path("orders/worker.js", app.worker, name="app_worker"),
    path("orders/without-line", app.without_line, name="without_line"),
    path("orders/sheets.pdf", orderlist.sheets, name="order_sheets"),
    path("orders/<uuid:key>", pages.order_page, name="order"),
    path("orders/<uuid:key>/photos", pages.photos, name="order_photos"),
    path("orders/<uuid:key>/pocket/<slug:name>", pocket.pocket, name="pocket"),
    path("orders/<uuid:key>/signature", pages.signature, name="order_signature"),
    path("orders/<uuid:key>/call", pages.call, name="order_call"),
    path("orders/<uuid:key>/sheet.pdf", orderlist.sheet, name="order_sheet"),
]
