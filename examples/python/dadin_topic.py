"""Reads a model version from its Kafka topic and scores with it: kafka-python, and dadin_version.py for the rest.

    python dadin_topic.py BROKER:PORT TOPIC NAME < requests.json

Requests and answers are those of dadin_version.py. Only committed records are read, as every key has them last; of those, the
newest version that is there whole, or the one that subscribers are held at (docs/checkpoint-format.md, "Topic form").
"""

import hashlib
import json
import sys

import dadin_version as dadin
from kafka import KafkaConsumer, TopicPartition
from safetensors.numpy import load


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read_topic(broker, topic, name):
    """Key without NAME/ -> value, of the records that a compacted topic keeps. Waits for what was there when it began."""
    consumer = KafkaConsumer(bootstrap_servers=broker, isolation_level="read_committed", enable_auto_commit=False)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end, records = consumer.end_offsets([partition])[partition], {}
    while consumer.position(partition) < end:  # markers of transactions move it, but come to nobody
        for record in consumer.poll(timeout_ms=100).get(partition, []):
            key = record.key.decode()
            if key.startswith(f"{name}/"):
                records[key[len(name) + 1 :]] = record.value
    consumer.close()
    return {key: value for key, value in records.items() if value is not None}


def versions_in(records):
    """Digest -> (manifest, digest, tensors) of the versions that are whole; what does not hold its digest is passed over."""
    versions = {}
    for key, value in records.items():
        number, _, kind = key.partition("/")
        if kind != "manifest":
            continue
        digest, body = value[:64].decode(), value[65:]
        manifest = json.loads(body) if sha256(body) == digest else None
        if manifest is None or manifest["product"] != "dadin-stream" or manifest["format"] != 1:
            continue
        places = range(len(manifest["model"]["chunks"]))
        model = b"".join(records.get(f"{number}/chunk/{place:04}", b"") for place in places)
        if sha256(model) == manifest["model"]["sha256"]:
            versions[digest] = (manifest, digest, load(model))
    return versions


def version_of(records):
    versions = versions_in(records)
    goals = sorted(versions.values(), key=lambda version: version[0]["number"], reverse=True)
    if "pin" in records:
        pinned = json.loads(records["pin"])["digest"]
        goals = [goal for goal in goals if goal[1] == pinned]
    for goal in goals:
        chain = [goal]
        while chain[0] is not None and chain[0][0]["kind"] == "delta":
            chain.insert(0, versions.get(chain[0][0]["parent"]["digest"]))
        if chain[0] is None:  # a link is missing: an older version may be whole
            continue
        version = dadin.Version()
        for link in chain:
            version.apply(*link)
        return version
    raise ValueError("the topic holds no whole version of this name")


if __name__ == "__main__":
    newest = version_of(read_topic(*sys.argv[1:4]))
    for line in sys.stdin:
        print(json.dumps(dadin.score(newest, json.loads(line))), flush=True)
