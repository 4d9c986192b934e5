"""The prequential loop written plainly in Python and PyTorch, the peer of bench/prequential.ts: read two CSV logs in
the order of time, look up histories, score each batch before it is learned, evaluate, train. Prints one line of JSON.

    python prequential_torch.py DIRECTORY [--threads 1] [--batch 32]

DIRECTORY holds target.csv and source.csv as `dadin-stream simulate` writes them. Needs torch and numpy.
"""

import argparse
import csv
import heapq
import json
import os
import time
from collections import defaultdict, deque

import numpy as np
import torch
from dadin_torch import Dadin, RowTable

WIDTH, HIDDEN, LENGTH, ROWS = 16, [64, 32, 16], 20, 200_000


def events(path, domain):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            yield int(row["eventTimeMs"]), domain, row


class Vocabulary:
    """Feature -> row of one table; row 0 stands for nothing."""

    def __init__(self):
        self.rows = {}

    def of(self, *feature):
        return self.rows.setdefault(feature, len(self.rows) + 1)


class Loop:
    def __init__(self, batch):
        torch.manual_seed(1)
        self.batch = batch
        self.vocabulary, self.table = Vocabulary(), RowTable(ROWS, WIDTH)
        self.table.weights[0] = 0
        self.model = Dadin(WIDTH, HIDDEN)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-3, fused=True)
        self.histories = defaultdict(lambda: (deque(maxlen=LENGTH), deque(maxlen=LENGTH)))
        self.pending = []
        self.scores, self.labels, self.domains = [], [], []
        self.log_loss = 0.0

    def take(self, domain, row):
        of = self.vocabulary.of
        user = (of("user", row["userId"]), of("age", row["age"]), of("city", row["city"]))
        item = (of("item", domain, row["itemId"]), of("topic", row["topic"]))
        source, target = self.histories[row["userId"]]
        clicked = row["clicked"] == "1"
        self.pending.append((user, item, tuple(target), tuple(source), clicked, domain))
        if clicked:
            (target if domain else source).append(item)
        if len(self.pending) == self.batch:
            self.learn()

    def tensors(self):
        slots = {}
        slot = lambda item: slots.setdefault(item, len(slots))
        B = len(self.pending)
        histories = np.zeros((2, B, LENGTH), np.int64)
        masks = np.zeros((2, B, LENGTH), np.float32)
        candidate = np.empty(B, np.int64)
        for i, (_, item, target, source, _, _) in enumerate(self.pending):
            candidate[i] = slot(item)
            for k, history in enumerate((target, source)):
                histories[k, i, : len(history)] = [slot(clicked) for clicked in history]
                masks[k, i, : len(history)] = 1
        users = np.array([sample[0] for sample in self.pending])
        rows, places = np.unique(np.concatenate([users.ravel(), np.array(list(slots)).ravel()]), return_inverse=True)
        h, m = torch.from_numpy(histories), torch.from_numpy(masks)
        x = {
            "candidate": torch.from_numpy(candidate),
            "user": torch.arange(B),
            "history_t": h[0],
            "history_s": h[1],
            "mask_t": m[0],
            "mask_s": m[1],
            "label": torch.tensor([float(sample[4]) for sample in self.pending]),
            "domain": torch.tensor([float(sample[5]) for sample in self.pending]),
        }
        user_places = torch.from_numpy(places[: users.size].reshape(users.shape))
        item_places = torch.from_numpy(places[users.size :].reshape(-1, 2))
        return torch.from_numpy(rows), user_places, item_places, x

    def learn(self):
        rows, user_places, item_places, x = self.tensors()
        embeddings = self.table.weights.index_select(0, rows).requires_grad_()
        with torch.no_grad():
            logit, _ = self.model(embeddings[item_places].sum(1), embeddings[user_places].sum(1), x)
        self.evaluate(logit, x)
        self.optimizer.zero_grad(set_to_none=True)
        self.model.loss(embeddings[item_places].sum(1), embeddings[user_places].sum(1), x).backward()
        self.optimizer.step()
        self.table.step(rows, embeddings.grad, 3e-3)
        self.pending.clear()

    def evaluate(self, logit, x):
        label, loss = x["label"], torch.nn.functional.binary_cross_entropy_with_logits
        self.log_loss += loss(logit, label, reduction="sum").item()
        self.scores.extend(logit.tolist())
        self.labels.extend(label.tolist())
        self.domains.extend(x["domain"].tolist())

    def auc(self, domain):
        of_domain = np.array(self.domains) == domain
        score, label = np.array(self.scores)[of_domain], np.array(self.labels)[of_domain]
        _, place, count = np.unique(score, return_inverse=True, return_counts=True)
        rank = (np.cumsum(count) - (count - 1) / 2)[place]
        positives = label.sum()
        return (rank[label == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(label) - positives))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    loop = Loop(options.batch)
    logs = [events(os.path.join(options.directory, name), code) for name, code in (("source.csv", 0), ("target.csv", 1))]
    begin, cpu, count = time.perf_counter(), time.process_time(), 0
    for _, domain, row in heapq.merge(*logs, key=lambda event: event[0]):
        loop.take(domain, row)
        count += 1
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    print(json.dumps({"events": count, "seconds": seconds, "cpuSeconds": cpu_seconds, "auc": loop.auc(1)}))


main()
