"""DADIN in PyTorch, the peer of bench/step.ts: the graph a good engineer would write, with padded histories, the
factored attention, distinct items embedded once, fused Adam for the dense weights and row-wise Adam for the rows that a
batch touches. A step is whole, from feature ids to updated rows.

    python dadin_torch.py --serve [--threads 1] [--compile]     answers lines of JSON: describe, prepare, round
    python dadin_torch.py --batch 32 --width 16 [--threads 1]   times one case

Needs torch and numpy. Raise MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ for large batches.
"""

import argparse
import json
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

USERS, ITEMS, PREDICTOR = 20_000, 10_000, 100
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Reverse(torch.autograd.Function):
    """Gradient reversal, paper equation 11."""

    @staticmethod
    def forward(context, x):
        return x.view_as(x)

    @staticmethod
    def backward(context, gradient):
        return -gradient


class Dadin(torch.nn.Module):
    def __init__(self, d, hidden):
        super().__init__()

        def weight(*shape):
            w = torch.empty(*shape)
            torch.nn.init.xavier_uniform_(w)
            return torch.nn.Parameter(w)

        def zeros(*shape):
            return torch.nn.Parameter(torch.zeros(*shape))

        self.d = d
        self.attention = torch.nn.ParameterDict()
        for h in "ts":
            self.attention[h + "r"], self.attention[h + "x"] = weight(d, d), weight(d, d)
            self.attention[h + "qp"], self.attention[h + "h"] = weight(2 * d, d), weight(d, 1)
        self.V, self.g, self.b = weight(4 * d, 3 * d), weight(3, d), zeros(3)
        self.c = torch.nn.Parameter(torch.ones(4))
        sizes = [d, *hidden]
        tower = lambda: torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))
        self.spec, self.agnostic = tower(), tower()
        self.predict1, self.predict2 = torch.nn.Linear(d, PREDICTOR), torch.nn.Linear(PREDICTOR, 1)
        self.discriminators = torch.nn.Linear(d, 3)

    def attend(self, items, q, p, history, mask, h):
        """items [U,d], history [B,L] -> [B,d]."""
        a, (B, L), d = self.attention, history.shape, self.d
        flat = history.reshape(-1)
        r = items.index_select(0, flat).view(B, L, d)
        of_item = (items @ a[h + "r"]).index_select(0, flat).view(B, L, d)
        of_pair = ((r * q[:, None]).view(-1, d) @ a[h + "x"]).view(B, L, d)
        of_row = (torch.cat([q, p], 1) @ a[h + "qp"])[:, None]
        score = (F.relu(of_item + of_pair + of_row) @ a[h + "h"]).view(B, L)
        beta = torch.softmax(score + (mask - 1) * 1e9, 1) * mask
        return torch.bmm(beta[:, None], r)[:, 0]

    def forward(self, items, users, x):
        B, d = len(x["candidate"]), self.d
        q, p = items.index_select(0, x["candidate"]), users.index_select(0, x["user"])
        a = self.attend(items, q, p, x["history_t"], x["mask_t"], "t")
        b = self.attend(items, q, p, x["history_s"], x["mask_s"], "s")
        z4 = torch.cat([q, p, a, b], 1)
        v = (F.relu(z4 @ self.V).view(B, 3, d) * self.g).sum(2).clamp(max=15).exp() + self.b
        m = torch.stack([q, p, a, b], 1) * (torch.cat([torch.ones(B, 1), v], 1) * self.c)[:, :, None]
        h = 0.5 * (m.sum(1) ** 2 - (m**2).sum(1))
        for layer in self.spec:
            h = F.relu(layer(h))
        spec = h
        for layer in self.agnostic:
            h = F.relu(layer(h))
        return self.predict2(self.predict1(h + spec))[:, 0], h

    def loss(self, items, users, x):
        logit, agnostic = self(items, users, x)
        B, yhat = len(logit), torch.sigmoid(logit).detach()
        scale = torch.stack([torch.ones(B), yhat, 1 - yhat], 1)
        d = (Reverse.apply(agnostic) @ self.discriminators.weight.T) * scale + self.discriminators.bias
        class1 = (yhat >= 0.2).float()
        member = torch.stack([torch.ones(B), class1, 1 - class1], 1)
        each = F.binary_cross_entropy_with_logits(d, x["domain"][:, None].expand(B, 3), reduction="none")
        means = (each * member).sum(0) / member.sum(0).clamp(min=1)
        weights = torch.tensor([1, 0.5, 0.5])
        return F.binary_cross_entropy_with_logits(logit, x["label"]) + (means * weights).sum()


class RowTable:
    """Rows with an Adam of their own; only rows that a batch touches move."""

    def __init__(self, rows, d):
        self.weights = torch.randn(rows, d) * 0.05
        self.m, self.v, self.updates = torch.zeros(rows, d), torch.zeros(rows, d), torch.zeros(rows, 1)

    def step(self, rows, gradient, rate):
        t = self.updates[rows] + 1
        m = self.m[rows].lerp_(gradient, 1 - BETA1)
        v = self.v[rows].mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        self.updates[rows], self.m[rows], self.v[rows] = t, m, v
        change = (m / (1 - BETA1**t)) / ((v / (1 - BETA2**t)).sqrt_() + EPSILON)
        self.weights.index_add_(0, rows, change, alpha=-rate)


class Runner:
    def __init__(self, case, compiled):
        d, self.B = case["width"], case["batch"]
        torch.manual_seed(1)
        self.model = Dadin(d, case["hidden"])
        self.items, self.users = RowTable(2 * ITEMS, d), RowTable(USERS, d)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-3, fused=True)
        self.loss = torch.compile(self.model.loss, dynamic=True) if compiled else self.model.loss
        count = max(4, min(256, -(-8192 // self.B)))
        random = np.random.default_rng(1)
        self.batches = [sample(random, case) for _ in range(count)]
        self.next = 0

    def rows(self):
        """Distinct rows of the next batch, and the batch with places among them instead of ids."""
        raw = self.batches[self.next % len(self.batches)]
        self.next += 1
        B, L = raw["history_t"].shape
        ids = torch.cat([raw["item"], raw["history_t"].reshape(-1), raw["history_s"].reshape(-1)])
        items, place = torch.unique(ids, return_inverse=True)
        users, user = torch.unique(raw["user"], return_inverse=True)
        return items, users, {
            **raw,
            "user": user,
            "candidate": place[:B],
            "history_t": place[B : B + B * L].view(B, L),
            "history_s": place[B + B * L :].view(B, L),
        }

    def step(self):
        item_rows, user_rows, x = self.rows()
        items = self.items.weights.index_select(0, item_rows).requires_grad_()
        users = self.users.weights.index_select(0, user_rows).requires_grad_()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(items, users, x)
        loss.backward()
        self.optimizer.step()
        self.items.step(item_rows, items.grad, 3e-3)
        self.users.step(user_rows, users.grad, 3e-3)
        return loss.item()

    def score(self):
        item_rows, user_rows, x = self.rows()
        with torch.no_grad():
            items, users = self.items.weights[item_rows], self.users.weights[user_rows]
            return self.model(items, users, x)[0].numpy()

    def round(self, work, ms):
        call = getattr(self, work)
        calls, cpu, begin = 0, time.process_time(), time.perf_counter()
        while calls == 0 or (time.perf_counter() - begin) * 1000 < ms:
            call()
            calls += 1
        wall = (time.perf_counter() - begin) * 1000
        return {"calls": calls, "wallMs": wall, "cpuMs": (time.process_time() - cpu) * 1000}


def sample(random, case):
    """As bench/sampler.ts: items of either domain by Zipf's law, target items in the first half of the table."""
    B, L, fill = case["batch"], case["historyLength"], case["fill"]
    law = 1 / np.arange(1, ITEMS + 1)
    law /= law.sum()
    domain = (random.random(B) < 0.3).astype(np.float32)

    def history(offset):
        ids = random.choice(ITEMS, (B, L), p=law) + offset
        lengths = random.integers(0, round(min(1, 2 * fill) * L) + 1, B)
        lengths[random.random(B) < 2 * fill - 1] = L
        mask = (np.arange(L) < lengths[:, None]).astype(np.float32)
        return torch.from_numpy(ids * mask.astype(np.int64)), torch.from_numpy(mask)

    (history_t, mask_t), (history_s, mask_s) = history(0), history(ITEMS)
    return {
        "item": torch.from_numpy(random.choice(ITEMS, B, p=law) + np.where(domain == 1, 0, ITEMS)),
        "user": torch.from_numpy(random.integers(0, USERS, B)),
        "domain": torch.from_numpy(domain),
        "label": torch.from_numpy((random.random(B) < 0.2).astype(np.float32)),
        "history_t": history_t,
        "mask_t": mask_t,
        "history_s": history_s,
        "mask_s": mask_s,
    }


def matmul_peak():
    """GFLOP/s of [512,512] x [512,512]."""
    a, best = torch.ones(512, 512), 0
    for _ in range(20):
        begin = time.perf_counter()
        a @ a
        best = max(best, 2 * 512**3 / (time.perf_counter() - begin) / 1e9)
    return round(best, 1)


def answer(question, state, options):
    if "describe" in question:
        return {"torch": torch.__version__, "threads": torch.get_num_threads(), "matmulGflops": matmul_peak()}
    if "prepare" in question:
        state["runner"] = Runner(question["prepare"], options.compile)
        return {}
    return state["runner"].round(question["round"], question["ms"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--fill", type=float, default=0.4)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.serve:
        state = {}
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line), state, options)), flush=True)
        return
    hidden = [64, 32, 16] if options.width == 16 else [512, 128, 64]
    case = {"width": options.width, "hidden": hidden, "batch": options.batch, "historyLength": 20, "fill": options.fill}
    runner = Runner(case, options.compile)
    for work in ("step", "score"):
        runner.round(work, 1000)
        rates = [options.batch * r["calls"] / r["wallMs"] * 1000 for r in (runner.round(work, 200) for _ in range(5))]
        print(f"torch {torch.__version__}, B {options.batch}, d {options.width}: {work} {max(rates):.0f} samples/s")


if __name__ == "__main__":
    main()
