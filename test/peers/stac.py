"""Reads a catalogue with PySTAC and validates each object against STAC's own JSON schemas, which PySTAC brings."""

import json
import sys
from pathlib import Path

import pystac
from jsonschema import Draft7Validator
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.view import ViewExtension
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource

catalog = pystac.Catalog.from_file(str(Path(sys.argv[1]) / 'catalog.json'))
schemas = get_local_schema_cache()
registry = Registry().with_resources((uri, Resource.from_contents(schema)) for uri, schema in schemas.items())
faults = []
items = []


def check(kind, value):
    uri = f"https://schemas.stacspec.org/v{value['stac_version']}/{kind}-spec/json-schema/{kind}.json"
    errors = Draft7Validator(schemas[uri], registry=registry).iter_errors(value)
    faults.extend(f"{value['id']}: {error.json_path} {error.message}" for error in errors)


check('catalog', json.loads((Path(sys.argv[1]) / 'catalog.json').read_text()))
for collection in catalog.get_children():
    check('collection', json.loads(Path(collection.get_self_href()).read_text()))
    for item in collection.get_items():
        check('item', json.loads(Path(item.get_self_href()).read_text()))
        if item.get_root() is not catalog or item.get_parent() is not collection:
            faults.append(f'{item.id}: its root or parent is another')
        image = item.assets['image']
        items.append({
            'id': item.id,
            'bbox': item.bbox,
            'datetime': item.datetime.isoformat(),
            'sun_elevation': ViewExtension.ext(item).sun_elevation,
            'off_nadir': ViewExtension.ext(item).off_nadir,
            'shape': ProjectionExtension.ext(image).shape,
            'size': FileExtension.ext(image).size,
            'checksum': FileExtension.ext(image).checksum,
            'detections': len(json.loads(
                Path(item.assets['detections'].get_absolute_href()).read_text())['features']),
        })

print(json.dumps({'pystac': pystac.__version__, 'faults': faults, 'items': items}))
