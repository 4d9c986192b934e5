"""Scores with the ONNX file that `dadin-stream export` wrote: onnxruntime, and dadin_version.py for what the graph leaves out.

    dadin-stream export DIRECTORY --onnx scorer.onnx
    python dadin_onnx.py scorer.onnx DIRECTORY < requests.json

Requests and answers are those of dadin_version.py. DIRECTORY is read for click statistics and the linear part alone, and must
hold the exported version as its newest; a model of the preset `paper` has neither.
"""

import json
import sys

import dadin_version as dadin
import numpy as np
import onnxruntime


def padded(lists):
    """Lists of ids as one matrix, filled up with 0."""
    width = max([1, *map(len, lists)])
    return [ids + [0] * (width - len(ids)) for ids in lists]


def inputs_of(version, request):
    """The graph's inputs of one request, one row a candidate."""
    features = dadin.features_of(version, request)
    count = len(features.candidates)
    clicked = {"historyTarget": features.target, "historySource": features.source}
    inputs = {name: np.array([padded(ids or [[0]])] * count, np.int64) for name, ids in clicked.items()}
    inputs["user"] = np.array([features.user] * count, np.int64)
    inputs["item"] = np.array(padded(features.candidates), np.int64)
    columns = [dadin.inputs_of(version, features, ids) for ids in features.candidates]
    inputs["statistics"] = np.array([dense for dense, _ in columns], np.float32)
    inputs["offset"] = np.array([[offset] for _, offset in columns], np.float32)
    return inputs


if __name__ == "__main__":
    session = onnxruntime.InferenceSession(sys.argv[1])
    wanted = {tensor.name for tensor in session.get_inputs()}
    version = dadin.Version.newest(sys.argv[2])
    if session.get_modelmeta().custom_metadata_map["digest"] != version.digest:
        sys.exit(f"{sys.argv[1]} was not made of the newest version in {sys.argv[2]}")
    for line in sys.stdin:
        inputs = {name: rows for name, rows in inputs_of(version, json.loads(line)).items() if name in wanted}
        logits, _ = session.run(["logit", "probability"], inputs)
        print(json.dumps({"version": version.manifest["number"], "logits": logits.tolist()}), flush=True)
