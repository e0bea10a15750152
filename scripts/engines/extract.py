"""Unpacks from a wheel only the members under the given prefixes: extract.py WHEEL TARGET PREFIX..."""

import sys
import zipfile

wheel, target, prefixes = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    members = [name for name in archive.namelist() if name.startswith(prefixes)]
    if not members:
        sys.exit(f"{wheel} holds nothing under {', '.join(prefixes)}")
    archive.extractall(target, members)
