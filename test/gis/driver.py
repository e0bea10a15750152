"""Does in real QGIS what a GIS user does, and says what came of it: one JSON request in, one JSON answer out."""

import json
import os
import sys
import time

os.environ.setdefault('QT_QPA_PLATFORM', 'offscreen')

from qgis.core import (
    Qgis,
    QgsAction,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDistanceArea,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor, QImage, QPainter

LEVELS = {Qgis.Info: 'info', Qgis.Warning: 'warning', Qgis.Critical: 'critical', Qgis.Success: 'success'}
DEGREE_M = 30_323.35
messages = []


def heard(text, tag, level):
    if level in (Qgis.Warning, Qgis.Critical):
        messages.append(f'{LEVELS.get(level, level)} {tag}: {text}')


def renderer_of(layer):
    renderer = layer.renderer()
    kind = renderer.type()
    if kind == 'graduatedSymbol':
        classes = [{'label': r.label(), 'from': r.lowerValue(), 'to': r.upperValue()} for r in renderer.ranges()]
    elif kind == 'categorizedSymbol':
        classes = [{'label': c.label(), 'value': c.value()} for c in renderer.categories()]
    elif kind == 'RuleRenderer':
        classes = [{'label': rule.label()} for rule in renderer.rootRule().children()]
    else:
        classes = []
    return {'type': kind, 'classes': classes}


def crs_of(crs):
    return {'authid': crs.authid(), 'valid': crs.isValid(), 'geographic': crs.isGeographic(), 'proj': crs.toProj()}


def about(layer):
    answer = {
        'id': layer.id(),
        'name': layer.name(),
        'valid': layer.isValid(),
        'crs': crs_of(layer.crs()),
        'provider': layer.providerType(),
        'scales': [layer.maximumScale(), layer.minimumScale()] if layer.hasScaleBasedVisibility() else None,
    }
    if isinstance(layer, QgsVectorLayer) and layer.isValid():
        extent = layer.extent()
        answer.update(
            renderer=renderer_of(layer),
            labels=layer.labelsEnabled(),
            mapTip=layer.mapTipTemplate() != '',
            display=layer.displayExpression(),
            actions=[a.name() for a in layer.actions().actions('Canvas')],
            notified=[layer.isRefreshOnNotifyEnabled(), layer.refreshOnNotifyMessage()],
            temporal=layer.temporalProperties().isActive(),
            extent=[extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
            readOnly=layer.readOnly(),
            rights=list(layer.metadata().rights()),
        )
    return answer


def views(request):
    """Adds views by hand, as the dialogue of QGIS does, and says how they come."""
    found = []
    for uri in request['uris']:
        layer = QgsVectorLayer(uri, 'x', 'postgres')
        answer = about(layer)
        if layer.isValid():
            answer['count'] = sum(1 for _ in layer.getFeatures(QgsFeatureRequest().setNoAttributes()))
            to_pole = QgsCoordinateTransform(layer.crs(), QgsCoordinateReferenceSystem('IAU_2015:30130'), QgsProject.instance())
            point = to_pole.transform(QgsPointXY(90, 80))
            answer['polar'] = [point.x(), point.y()]
        found.append(answer)
    return found


def open_project(where):
    project = QgsProject.instance()
    read = project.read(where)
    bad = [layer.name() for layer in project.mapLayers().values() if not layer.isValid()]
    return project, read, bad


def project(request):
    project, read, bad = open_project(request['path'])
    measure = QgsDistanceArea()
    # As the measuring tool does: on the map, by the project's ellipsoid.
    measure.setSourceCrs(project.crs(), project.transformContext())
    measure.setEllipsoid(project.ellipsoid())
    to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem('IAU_2015:30100'), project.crs(), project)
    root = project.layerTreeRoot()
    return {
        'read': read,
        'error': project.error(),
        'bad': bad,
        'title': project.title(),
        'crs': crs_of(project.crs()),
        'ellipsoid': project.ellipsoid(),
        'distances': {
            name: measure.measureLine(to_map.transform(QgsPointXY(*a)), to_map.transform(QgsPointXY(*b)))
            for name, (a, b) in request['pairs'].items()
        },
        'groups': [group.name() for group in root.children()],
        'layers': [about(node.layer()) for node in root.findLayers() if node.layer() is not None],
        'themes': project.mapThemeCollection().mapThemes(),
        'bookmarks': [bookmark.name() for bookmark in project.bookmarkManager().bookmarks()],
        'attachments': [os.path.basename(path) for path in project.attachedFiles()],
        'abstract': project.metadata().abstract(),
    }


def settings_of(project, request):
    settings = QgsMapSettings()
    settings.setDestinationCrs(project.crs())
    settings.setTransformContext(project.transformContext())
    settings.setEllipsoid(project.ellipsoid())
    settings.setOutputSize(QSize(*request['size']))
    settings.setOutputDpi(request.get('dpi', 96))
    background = request.get('background')
    settings.setBackgroundColor(project.backgroundColor() if background is None else QColor(background))
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    settings.setFlag(QgsMapSettings.DrawLabeling, True)
    if 'extent' in request:
        settings.setExtent(QgsRectangle(*request['extent']))
    else:
        # A place in degrees, and half the height of the map around it in metres.
        to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem('IAU_2015:30100'), project.crs(), project)
        middle = to_map.transform(QgsPointXY(*request['center']))
        half = request['half'] / (DEGREE_M if project.crs().mapUnits() == QgsUnitTypes.DistanceDegrees else 1)
        settings.setExtent(QgsRectangle(middle.x() - half, middle.y() - half, middle.x() + half, middle.y() + half))
    if 'layers' in request:
        settings.setLayers([project.mapLayer(layer) for layer in request['layers']])
    elif 'theme' in request:
        settings.setLayers(project.mapThemeCollection().mapThemeVisibleLayers(request['theme']))
    else:
        settings.setLayers([node.layer() for node in project.layerTreeRoot().findLayers() if node.isVisible() and node.layer()])
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.appendScope(QgsExpressionContextUtils.projectScope(project))
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    return settings


def draw(project, request):
    settings = settings_of(project, request)
    image = QImage(settings.outputSize(), QImage.Format_RGB32)
    image.fill(settings.backgroundColor())
    painter = QPainter(image)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    started = time.monotonic()
    job.start()
    job.waitForFinished()
    seconds = time.monotonic() - started
    errors = [f'{e.layerID}: {e.message}' for e in job.errors()]
    painter.end()
    if 'out' in request:
        image.save(request['out'])
    pixels = {}
    to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem('IAU_2015:30100'), project.crs(), project)
    for name, (lon, lat) in request.get('places', {}).items():
        at = settings.mapToPixel().transform(to_map.transform(QgsPointXY(lon, lat)))
        colour = image.pixelColor(int(at.x()), int(at.y()))
        pixels[name] = [colour.red(), colour.green(), colour.blue()]
    return {'scale': settings.scale(), 'seconds': seconds, 'errors': errors, 'pixels': pixels}


def render(request):
    project, read, bad = open_project(request['path'])
    return {'read': read, 'bad': bad, 'maps': [draw(project, one) for one in request['maps']]}


def feature(request):
    """The map tip of a feature as HTML, and what its actions open."""
    project, _, _ = open_project(request['path'])
    layer = project.mapLayer(request['layer'])
    one = next(layer.getFeatures(QgsFeatureRequest(QgsExpression(request['where']))))
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(one)
    actions = layer.actions().actions()
    return {
        'id': one['id'],
        'tip': QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context),
        'display': QgsExpression(layer.displayExpression()).evaluate(context),
        'actions': {a.name(): QgsExpression.replaceExpressionText(a.command(), context) for a in actions},
        'opens': all(a.type() == QgsAction.OpenUrl for a in actions),
    }


def notice(request):
    """Waits until a layer asks to be drawn anew; says on stderr when it listens."""
    project, _, _ = open_project(request['path'])
    layer = project.mapLayer(request['layer'])
    loop = QEventLoop()
    heard_at = []

    def repaint(*_):
        heard_at.append(time.time())
        loop.quit()

    layer.repaintRequested.connect(repaint)
    QTimer.singleShot(200, lambda: print('listening', file=sys.stderr, flush=True))
    QTimer.singleShot(int(request['timeout'] * 1000), loop.quit)
    loop.exec_()
    return {'repainted': len(heard_at) > 0, 'at': heard_at[0] if heard_at else None}


def main():
    request = json.load(sys.stdin)
    QgsApplication.setPrefixPath('/usr', True)
    application = QgsApplication([], False)
    application.initQgis()
    QgsApplication.messageLog().messageReceived[str, str, Qgis.MessageLevel].connect(heard)
    work = {'views': views, 'project': project, 'render': render, 'feature': feature, 'notice': notice}[request['do']]
    answer = work(request)
    print('\n' + json.dumps({'answer': answer, 'messages': messages, 'version': Qgis.QGIS_VERSION}))
    sys.stdout.flush()
    # QGIS's own teardown order can crash a finished script.
    os._exit(0)


main()
