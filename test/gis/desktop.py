"""Runs within QGIS's desktop: opens a project as a user does, and says what the user is told and sees."""

import json
import os
import time

from qgis.core import Qgis, QgsApplication, QgsPointXY
from qgis.PyQt.QtCore import QEvent, QPoint, Qt, QTimer
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QLineEdit
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


def measure(line):
    """What the measuring tool shows for a line between two places of the map."""
    canvas = iface.mapCanvas()
    iface.actionMeasure().trigger()
    to_pixel = canvas.mapSettings().mapToPixel()
    for place in line:
        at = to_pixel.transform(QgsPointXY(*place))
        at = QPoint(round(at.x()), round(at.y()))
        for kind, button in (
            (QEvent.MouseMove, Qt.NoButton),
            (QEvent.MouseButtonPress, Qt.LeftButton),
            (QEvent.MouseButtonRelease, Qt.LeftButton),
        ):
            QApplication.sendEvent(canvas.viewport(), QMouseEvent(kind, at, button, button, Qt.NoModifier))
    tools = [one for one in QApplication.topLevelWidgets() if 'easure' in one.objectName() and one.isVisible()]
    return [edit.text() for tool in tools for edit in tool.findChildren(QLineEdit)]


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
        'measured': measure(json.loads(os.environ['SELENOSCAN_LINE'])),
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
