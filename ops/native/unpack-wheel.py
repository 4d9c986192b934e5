"""Unpacks libtensorflow and the C headers out of a tensorflow-cpu wheel: unpack-wheel.py WHEEL DEPS_FOLDER"""

import os
import shutil
import sys
import zipfile

wheel, deps = sys.argv[1], sys.argv[2]
INCLUDE = "tensorflow/include/"
HEADERS = ("tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/tsl/")
LIBRARIES = {
    "tensorflow/libtensorflow_cc.so.2": "libtensorflow.so",
    "tensorflow/libtensorflow_framework.so.2": "libtensorflow_framework.so",
}


def unpack(archive, member, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with archive.open(member) as source, open(path, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        header = member[len(INCLUDE) :] if member.startswith(INCLUDE) and member.endswith(".h") else ""
        if header.startswith(HEADERS):
            unpack(archive, member, os.path.join(deps, "include", header))
    for member, link in LIBRARIES.items():
        library = os.path.basename(member)
        unpack(archive, member, os.path.join(deps, "lib", library))
        path = os.path.join(deps, "lib", link)
        if os.path.lexists(path):
            os.remove(path)
        os.symlink(library, path)
