"""Reads a model version of dadin-stream and scores with it: numpy, safetensors and xxhash, nothing of ours.

    python dadin_version.py DIRECTORY < request.json

DIRECTORY holds version folders (docs/checkpoint-format.md). A request is one JSON object a line:

    {"domain": "target", "user": {"id": "u1", "features": {"age": "3"}},
     "candidates": [{"id": "i7", "features": {"topic": "t2"}}],
     "histories": {"target": [], "source": [{"id": "i9", "features": {"topic": "t2"}}]}}

and the answer is {"version": N, "logits": [...]}. The logits are the learner's to 1e-5.
"""

import hashlib
import json
import math
import pathlib
import sys

import numpy as np
import xxhash
from safetensors.numpy import load_file

U32 = 0xFFFFFFFF
USER, ITEM_TARGET, ITEM_SOURCE, SHARED = 0, 1, 2, 3


# --- versions on disk ---------------------------------------------------------------------------------------------------


def read_version(folder):
    """(manifest, its digest, tensors) of one folder; raises ValueError where a digest does not hold."""
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    for name, expected in sums.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
            raise ValueError(f"{folder / name} is damaged")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    if manifest["product"] != "dadin-stream" or manifest["format"] != 1:
        raise ValueError(f"{folder}: unknown format {manifest['format']}")
    return manifest, sums["manifest.json"], load_file(folder / "model.safetensors")


def column_of(tensors, name):
    """A table's column; embedding rows of `publish.rows: float16 | int8` as 32-bit floats."""
    column = tensors[name]
    if column.dtype == np.int8:
        return column.astype(np.float32) * tensors[f"{name}.scale"][:, None]
    return column.astype(np.float32) if column.dtype == np.float16 else column


class Version:
    """A full version and the deltas after it, as one."""

    def __init__(self):
        self.manifest = None
        self.digest = None
        self.tensors = {}
        self.tables = {}  # name -> id -> row of columns

    def apply(self, manifest, digest, tensors):
        full = manifest["kind"] == "full"
        if not full and manifest["parent"]["digest"] != self.digest:
            raise ValueError(f"version {manifest['number']} does not follow from what is loaded")
        if full:
            self.tables = {name: {} for name in manifest["tables"]}
        for name, table in self.tables.items():
            for removed in [] if full else tensors[f"{name}.removed"]:
                table.pop(int(removed), None)
            columns = [column_of(tensors, f"{name}.{column}") for column in manifest["tables"][name]["columns"]]
            for place, key in enumerate(tensors[f"{name}.ids"]):
                table[int(key)] = [column[place] for column in columns]
        # dense tensors are named otherwise than tables
        self.tensors = {name: t for name, t in tensors.items() if name.split(".")[0] not in self.tables}
        self.manifest, self.digest = manifest, digest

    @classmethod
    def newest(cls, directory):
        """The newest version of a directory, or the one that subscribers are held at, from the full one that it goes back to."""
        folders = sorted(pathlib.Path(directory).glob("version-*"), reverse=True)
        pin = pathlib.Path(directory) / "PIN"
        if pin.exists():
            number = json.loads(pin.read_text())["number"]
            folders = [folder for folder in folders if int(folder.name.removeprefix("version-")) <= number]
        chain = []
        for folder in folders:
            chain.append(read_version(folder))
            if chain[-1][0]["kind"] == "full":
                break
        else:
            raise ValueError(f"{directory} holds no full version")
        version = cls()
        for link in reversed(chain):
            version.apply(*link)
        return version


# --- features -----------------------------------------------------------------------------------------------------------


def feature_id(namespace, field, value):
    return namespace * 2**50 + (xxhash.xxh64_intdigest(f"{field}={value}".encode()) & (2**50 - 1) or 1)


def ids_of(described, field, namespace_of):
    ids = [feature_id(namespace_of(None), field, described["id"])]
    for name, values in sorted(described.get("features", {}).items()):
        for value in [values] if isinstance(values, str) else values:
            ids.append(feature_id(namespace_of(name), name, value))
    return ids


def to_i32(x):
    x = int(x) & U32
    return x - 2**32 if x >= 2**31 else x


def murmur_mix(h):
    """Murmur3's finaliser over 32 bits."""
    h &= U32
    h = (h ^ (h >> 16)) * 0x85EBCA6B & U32
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & U32
    return h ^ (h >> 16)


def pair_key(a, b):
    """A 53-bit key for an ordered pair. Sums are those of 64-bit floats, as in the learner."""

    def mix(x):
        return to_i32(murmur_mix(int(x))) + 0x9E3779B9

    a_high, b_high = a >> 32, b >> 32
    low = mix(mix(float(mix(mix(to_i32(a)) + a_high)) + float(b)) + b_high)
    high = mix(mix(float(mix(mix(to_i32(b) ^ 0x2545F491) + b_high)) + float(a)) + a_high)
    return ((high & U32) >> 11) * 2**32 + (low & U32) or 1


# --- click statistics ---------------------------------------------------------------------------------------------------

PRIOR = 5
# weight of the running label mean in a recent rate
RECENT_PRIOR = 2
RECENT_SALT = 3


def statistics(version, domain, user_ids, item_ids):
    """The 13 dense columns: click rate as logit / 2 and ln(1 + impressions) / 4 of five kinds of keys, recent rates of three."""
    table = version.tables["statistics"]
    labels, positives = version.tensors["labels"]
    mean = positives / labels
    user, attributes = user_ids[0], item_ids[1:]
    columns = []

    def mean_rate(counts, prior):
        rates = [(clicks + prior * mean) / (shown + prior) for shown, clicks, _ in counts]
        return sum(math.log(rate / (1 - rate)) / 2 for rate in rates) / len(rates)

    unseen = (0.0, 0.0, 0.0)
    for keys in (
        [user],
        [pair_key(user, domain + 1)],
        [item_ids[0]],
        [pair_key(user, attribute) for attribute in attributes],
        attributes,
    ):
        counts = [table.get(key, unseen) for key in keys] or [unseen]
        columns.append(mean_rate(counts, PRIOR))
        columns.append(sum(math.log1p(shown) / 4 for shown, _, _ in counts) / len(counts))
    for keys in (
        [pair_key(user, RECENT_SALT)],
        [pair_key(item_ids[0], RECENT_SALT)],
        [pair_key(attribute, item_ids[0]) for attribute in user_ids[1:]],
    ):
        columns.append(mean_rate([table.get(key, unseen) for key in keys] or [unseen], RECENT_PRIOR))
    return np.array(columns, np.float32)


# --- the linear part ----------------------------------------------------------------------------------------------------


def index_of(key):
    return murmur_mix((key & U32) ^ (((key >> 32) * 0x9E3779B1) & U32))


STANDARD_CROSSES = (
    ("user", "itemFeatures"),
    ("userFeatures", "itemFeatures"),
    ("userFeatures", "item"),
    ("user", "domain"),
    ("userFeatures", "domain"),
    ("item", "historyTarget"),
    ("item", "historySource"),
    ("domain", "counters"),
    ("counters", "counters"),
    ("domain", "matches"),
)


def linear_logit(version, domain, user_ids, item_ids, target, source, dense):
    """The logit of the hashed linear part: features, then crosses, in the learner's order."""
    options = version.manifest["scorer"]["linear"]

    def clicked(items, salt):
        return [(index_of(ids[0]) ^ index_of(salt), 1 / math.sqrt(len(items))) for ids in items]

    def clicks_since(attribute):
        since = [at for items in (target, source) for at, ids in enumerate(reversed(items)) if attribute in ids[1:]]
        return min(63, *since) if since else 64

    groups = {
        "domain": [(index_of(2 + domain), 1.0)],
        "user": [(index_of(user_ids[0]), 1.0)],
        "userFeatures": [(index_of(key), 1.0) for key in user_ids[1:]],
        "item": [(index_of(item_ids[0]), 1.0)],
        "itemFeatures": [(index_of(key), 1.0) for key in item_ids[1:]],
        "historyTarget": clicked(target, 4),
        "historySource": clicked(source, 5),
        "counters": [(index_of(16 + i), value) for i, value in enumerate(dense)],
        "matches": [(index_of(1024 + clicks_since(key)), 1 / len(item_ids[1:])) for key in item_ids[1:]],
    }
    if options["features"] is not None:
        groups = {name: group if name in options["features"] else [] for name, group in groups.items()}
    features = [(index_of(1), 1.0)] + [feature for group in groups.values() for feature in group]
    crosses = STANDARD_CROSSES if options["crosses"] is None else options["crosses"]
    for a, b in crosses:
        for at, (i, x) in enumerate(groups[a]):
            # of a group with itself each pair once, squares included
            for j, y in groups[b][at:] if a == b else groups[b]:
                features.append((murmur_mix(((i * 0x01000193) & U32) ^ j), np.float32(x) * np.float32(y)))

    table = version.tables["linear"]
    bits = version.manifest["scorer"]["linear"]["bits"]
    logit = 0.0
    for index, value in features:
        row = table.get((index & (2**bits - 1)) + 1)  # a slot's id is its number + 1
        if row is not None:
            logit += float(row[0]) * float(np.float32(value))
    return np.float32(min(50.0, max(-50.0, logit)))


# --- DADIN (docs/algorithm.md A.1) ----------------------------------------------------------------------------------------


def embed(version, ids):
    """The sum of the rows; ids without a row count as zero."""
    table = version.tables["embedding"]
    width = version.manifest["scorer"]["model"]["width"]
    rows = [table[key][0] for key in ids if key in table]
    return np.sum(rows, axis=0, dtype=np.float32) if rows else np.zeros(width, np.float32)


def attention(t, name, clicked, q, p):
    if len(clicked) == 0:
        return np.zeros_like(q)
    x = np.stack([np.concatenate([r, q, p, r * q]) for r in clicked])
    scores = np.maximum(x @ t[f"att.{name}.W"].T, 0) @ t[f"att.{name}.h"]
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ clicked


def interest(t, model, z4):
    weights = []
    for k in ("u", "t", "s"):
        activation = t[f"int.{k}.g"] @ np.maximum(t[f"int.{k}.V"] @ z4, 0)
        bias = t[f"int.{k}.b"][0]
        if model["interestBias"] == "outside":
            weights.append(np.exp(min(activation, 15)) + bias)
        else:
            weights.append(np.exp(min(activation + bias, 15)))
    return weights


def network(t, name, x, model):
    layers = len(model["hidden"])
    for i in range(layers):
        x = t[f"{name}.{i}.W"] @ x + t[f"{name}.{i}.b"]
        if i < layers - 1 or model["lastActivation"] == "act":
            x = np.maximum(x, 0)
    return x


def dadin_logit(version, user_ids, item_ids, target, source, dense, offset):
    model, t = version.manifest["scorer"]["model"], version.tensors
    if model["ablation"] not in (0, 7, 8, 9):
        raise ValueError("this example reads the whole model only")
    p, q = embed(version, user_ids), embed(version, item_ids)
    a = attention(t, "t", np.array([embed(version, ids) for ids in target]), q, p)
    b = attention(t, "s", np.array([embed(version, ids) for ids in source]), q, p)
    v_user, v_target, v_source = interest(t, model, np.concatenate([q, p, a, b]))
    m = t["bi.c"][:, None] * np.stack([q, p * v_user, a * v_target, b * v_source])
    z = (m.sum(axis=0) ** 2 - (m**2).sum(axis=0)) / 2
    extra = [dense] + ([[offset]] if model["offsetInput"] else [])
    h_spec = network(t, "dnn", np.concatenate([z, *extra]).astype(np.float32), model)
    h = network(t, "da", h_spec, model) + h_spec
    return (t["pred.W2"] @ (t["pred.W1"] @ h + t["pred.b1"]) + t["pred.b2"])[0] + offset


# --- requests -------------------------------------------------------------------------------------------------------------


class Features:
    """Feature ids of a request: of the user, of each candidate, of each clicked item."""

    def __init__(self, domain, user, candidates, target, source):
        self.domain, self.user, self.candidates, self.target, self.source = domain, user, candidates, target, source


def features_of(version, request):
    scorer = version.manifest["scorer"]
    shared = set(scorer["sharedFeatures"])

    def item_ids(item, domain):
        own = ITEM_TARGET if domain == "target" else ITEM_SOURCE
        return ids_of(item, "item", lambda name: SHARED if name in shared else own)

    domain = request.get("domain", "target")
    histories, length = request.get("histories", {}), scorer["history"]["length"]
    target = [item_ids(item, "target") for item in histories.get("target", [])[-length:]]
    source = [item_ids(item, "source") for item in histories.get("source", [])[-length:]]
    if not scorer["history"]["sourceClicks"]:
        source = []
    user = ids_of(request["user"], "user", lambda _: USER)
    candidates = [item_ids(candidate, domain) for candidate in request["candidates"]]
    return Features(1 if domain == "target" else 0, user, candidates, target, source)


def inputs_of(version, features, item_ids):
    """Click statistics and the linear part's logit of one candidate; empty and 0 where the version has none."""
    scorer = version.manifest["scorer"]
    dense, offset = np.zeros(0, np.float32), np.float32(0)
    if scorer["statistics"] is not None:
        dense = statistics(version, features.domain, features.user, item_ids)
    if scorer["linear"] is not None:
        target, source = features.target, features.source
        offset = linear_logit(version, features.domain, features.user, item_ids, target, source, dense)
    return dense, offset


def score(version, request):
    scorer = version.manifest["scorer"]
    if scorer["baseline"] is not None:
        raise ValueError("this example reads DADIN, not the baselines")
    if scorer["trainedSpace"]["mode"] != "wait" or scorer["trainedSpace"]["negativeRate"] != 1:
        raise ValueError("this example does not correct logits for sampled or delayed labels")
    features = features_of(version, request)
    logits = []
    for ids in features.candidates:
        dense, offset = inputs_of(version, features, ids)
        logits.append(float(dadin_logit(version, features.user, ids, features.target, features.source, dense, offset)))
    return {"version": version.manifest["number"], "logits": logits}


if __name__ == "__main__":
    newest = Version.newest(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(score(newest, json.loads(line))), flush=True)
