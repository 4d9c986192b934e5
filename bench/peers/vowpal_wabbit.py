#!/usr/bin/env python3
"""vowpal wabbit on two domains of ratings, event by event, as a predictions file that `dadin-stream compare` reads.

pip install vowpalwabbit
usage: vowpal_wabbit.py TARGET.csv[.gz] SOURCE.csv[.gz] OUT.csv

Logs as configurations/movielens.yaml reads them: userId,itemId,rating,timestamp(ms),year,genres; a rating of 4 or more is a
click. Order: time, source before target, row of the file. Each row is scored, then learned. Inputs: user (u), item (i),
domain (d), genres and decade (g), and counters (n) of rows of strictly smaller time: ln(1 + n) / 4 and half the logit of
the smoothed click rate of the user, user and domain, item, user and attribute, attribute (the last two averaged over the
row's attributes). Arguments of vw: -q ug -q ud -q dn -q nn -l 0.5, the best found on this log by hand.
"""
import csv
import gzip
import math
import sys

import vowpalwabbit

ARGUMENTS = "--loss_function logistic --link logistic -b 22 -q ug -q ud -q dn -q nn -l 0.5 --quiet"
PRIOR_ROWS = 5


def rows_of(path, domain, code):
    opened = gzip.open(path, "rt", newline="") if path.endswith(".gz") else open(path, newline="")
    with opened as file:
        for number, row in enumerate(csv.DictReader(file)):
            attributes = [f"g={g}" for g in row["genres"].split("|") if g]
            if row["year"]:
                attributes.append(f"y={int(row['year']) // 10}")
            yield int(row["timestamp"]), code, number, domain, row["userId"], row["itemId"], attributes, float(row["rating"]) >= 4


class Counters:
    def __init__(self):
        self.counts = {}
        self.all = [0, 0]

    def rate(self):
        return (self.all[1] + 1) / (self.all[0] + 2)

    def read(self, key):
        n, clicks = self.counts.get(key, (0, 0))
        rate = (clicks + PRIOR_ROWS * self.rate()) / (n + PRIOR_ROWS)
        return math.log1p(n) / 4, math.log(rate / (1 - rate)) / 2

    def add(self, keys, clicked):
        for key in keys:
            n, clicks = self.counts.get(key, (0, 0))
            self.counts[key] = (n + 1, clicks + clicked)
        self.all[0] += 1
        self.all[1] += clicked


def keys_of(row):
    _, _, _, domain, user, item, attributes, _ = row
    single = [("u", user), ("ud", user, domain), ("i", domain, item)]
    return single, [("ua", user, a) for a in attributes], [("a", a) for a in attributes]


def numbers_of(counters, row):
    single, crossed, own = keys_of(row)
    groups = [[key] for key in single] + [crossed, own]
    numbers = []
    for name, group in zip("abcde", groups):
        read = [counters.read(key) for key in group] or [(0.0, 0.0)]
        for part, values in zip("nr", zip(*read)):
            numbers.append(f"{name}{part}:{sum(values) / len(values):.5f}")
    return numbers


def clean(value):
    return value.replace("|", "_").replace(":", "_").replace(" ", "_")


def main(target, source, out):
    rows = sorted([*rows_of(target, "target", 1), *rows_of(source, "source", 0)], key=lambda row: row[:3])
    vw = vowpalwabbit.Workspace(ARGUMENTS)
    counters, waiting = Counters(), []
    with open(out, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["domain", "userId", "itemId", "eventTime", "label", "score"])
        for row in rows:
            time, _, _, domain, user, item, attributes, clicked = row
            while waiting and waiting[0][0] < time:
                past = waiting.pop(0)
                single, crossed, own = keys_of(past)
                counters.add([*single, *crossed, *own], past[-1])
            features = " ".join(clean(a) for a in attributes)
            text = f"|u {clean(user)} |i {domain}{clean(item)} |d {domain} |g {features} |n {' '.join(numbers_of(counters, row))}"
            writer.writerow([domain, user, item, time, int(clicked), f"{vw.predict(text):.7f}"])
            vw.learn(f"{1 if clicked else -1} {text}")
            waiting.append(row)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
