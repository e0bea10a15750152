"""Runs within QGIS's desktop: opens a project as a user does, and says what the user is told and sees."""

import json
import os
import time

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

SETTLE_S = 4
GIVE_UP_S = 60
messages = []
started = []


def heard(text, tag, level):
    if level in (Qgis.Warning, Qgis.Critical):
        messages.append(f'{tag}: {text}')


def begin():
    QgsApplication.messageLog().messageReceived[str, str, Qgis.MessageLevel].connect(heard)
    window = iface.mainWindow()
    window.resize(1600, 1000)
    for dock in window.findChildren(QDockWidget):
        if dock.objectName().startswith('Browser'):
            dock.hide()
    iface.messageBar().clearWidgets()
    iface.addProject(os.environ['SELENOSCAN_PROJECT'])
    started.append(time.monotonic())
    QTimer.singleShot(1000, look)


def look():
    waited = time.monotonic() - started[0]
    drawing = any(canvas.isDrawing() for canvas in iface.mapCanvases())
    if waited < SETTLE_S or (drawing and waited < GIVE_UP_S):
        QTimer.singleShot(500, look)
        return
    iface.mainWindow().grab().save(os.environ['SELENOSCAN_PICTURE'])
    item = iface.messageBar().currentItem()
    answer = {
        'messages': messages,
        'bar': None if item is None else item.text(),
        'canvases': [
            {'name': canvas.objectName(), 'crs': canvas.mapSettings().destinationCrs().authid()}
            for canvas in iface.mapCanvases()
        ],
    }
    with open(os.environ['SELENOSCAN_ANSWER'], 'w') as out:
        json.dump(answer, out)
    os._exit(0)


QTimer.singleShot(3000, begin)
