#!/usr/bin/python3
"""The trainer's work in PyTorch, for comparison: milliseconds a pair.

    torch_train.py [--model FILE] [--iterations N] [--rounds R] [--threads N] [--check] PAIRS

PAIRS has one pair a line: the word numbers of the source, a tab, those of the target, both with
EOS. FILE is a model of `adliotlog train` (GRU, additive attention), whose words have these numbers;
without it the network is drawn at random, with H = 256.

Both ways train what model/ does: summed NLL of one pair an iteration, plain SGD, the decoder forced
or on its own predictions up to EOS.

    tutorial  PyTorch's sequence-to-sequence translation tutorial with additive attention: modules,
              one word at a time, autograd, two optimizers
    best      all that batches over the words is batched, free running guesses ahead as model/ does,
              gradients by hand, written to where they are wanted, no optimizer

Prints lines "WAY MODE MILLISECONDS", medians of R rounds of N pairs in which the ways take turns,
in CPU time with one thread, else in the time that passed.
With --check it compares losses and gradients of both ways instead, and fails where they differ.
"""

import argparse
import ctypes
import json
import os
import random
import statistics
import sys
import time

import torch
from torch import Tensor, nn

SOS, EOS, FIRST_WORD = 0, 1, 3
MAX_WORDS = 101
LARGE = 64.0  # a learning rate that leaves little of the weights that were before
LEARNING_RATE = 1e-4  # leaves the network what it is while its time is taken
NAMES = [
    "encoder.embedding.weight", "encoder.gru.weight_ih", "encoder.gru.weight_hh",
    "encoder.gru.bias_ih", "encoder.gru.bias_hh", "decoder.embedding.weight",
    "decoder.attention.w_s", "decoder.attention.w_h", "decoder.attention.v",
    "decoder.gru.weight_ih", "decoder.gru.weight_hh", "decoder.gru.bias_ih", "decoder.gru.bias_hh",
    "decoder.output.weight", "decoder.output.bias",
]


# ---- the tutorial ----


class Encoder(nn.Module):
    def __init__(self, V, H):
        super().__init__()
        self.H = H
        self.embedding = nn.Embedding(V, H)
        self.gru = nn.GRU(H, H)

    def forward(self, word, hidden):
        return self.gru(self.embedding(word).view(1, 1, -1), hidden)


class AttentionDecoder(nn.Module):
    def __init__(self, V, H):
        super().__init__()
        self.embedding = nn.Embedding(V, H)
        self.W_s = nn.Linear(H, H, bias=False)
        self.W_h = nn.Linear(H, H, bias=False)
        self.v = nn.Linear(H, 1, bias=False)
        self.gru = nn.GRU(2 * H, H)
        self.out = nn.Linear(H, V)

    def forward(self, word, hidden, encoder_outputs):
        score = self.v(torch.tanh(self.W_s(hidden[0]) + self.W_h(encoder_outputs)))
        weights = torch.softmax(score, dim=0)
        context = torch.bmm(weights.t().unsqueeze(0), encoder_outputs.unsqueeze(0))
        embedded = self.embedding(word).view(1, 1, -1)
        output, hidden = self.gru(torch.cat((embedded, context), 2), hidden)
        return torch.log_softmax(self.out(output[0]), dim=1), hidden


class Tutorial:
    def __init__(self, weights, lr):
        V, H = weights["decoder.output.weight"].shape
        self.encoder, self.decoder = Encoder(V, H), AttentionDecoder(V, H)
        e, d = self.encoder, self.decoder
        self.parameters = dict(zip(NAMES, [
            e.embedding.weight, *e.gru.parameters(), d.embedding.weight,
            d.W_s.weight, d.W_h.weight, d.v.weight, *d.gru.parameters(), d.out.weight, d.out.bias]))
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(weights[name].view_as(parameter))
        self.encoder_optimizer = torch.optim.SGD(e.parameters(), lr=lr)
        self.decoder_optimizer = torch.optim.SGD(d.parameters(), lr=lr)
        self.criterion = nn.NLLLoss(reduction="sum")

    def train(self, source, target, forced):
        encoder_hidden = torch.zeros(1, 1, self.encoder.H)
        self.encoder_optimizer.zero_grad()
        self.decoder_optimizer.zero_grad()
        encoder_outputs = torch.zeros(len(source), self.encoder.H)
        loss = 0
        for t in range(len(source)):
            encoder_output, encoder_hidden = self.encoder(source[t], encoder_hidden)
            encoder_outputs[t] = encoder_output[0, 0]
        word = torch.tensor([[SOS]])
        hidden = encoder_hidden
        for p in range(len(target)):
            output, hidden = self.decoder(word, hidden, encoder_outputs)
            loss += self.criterion(output, target[p].view(1))
            if forced:
                word = target[p]
            else:
                word = output.topk(1)[1].squeeze().detach()
                if word.item() == EOS:
                    break
        loss.backward()
        self.encoder_optimizer.step()
        self.decoder_optimizer.step()
        return loss.item()

    def weights(self):
        return {name: p.detach().clone() for name, p in self.parameters.items()}


# ---- the best way ----
#
# S words of the source, T steps. Matrices that multiply the same vector are one: of the decoder's
# state [W_hh; W_s], of the encoder's states [W_c; W_h], W_c being W_ih's columns for the context.


def gru_steps(W: Tensor, b: Tensor, gi: Tensor, g: Tensor, h: Tensor, rz: Tensor, n: Tensor):
    """h[t + 1], gates and state products g from h[0] and the input products gi."""
    H = h.size(1)
    for t in range(gi.size(0)):
        g_t, gi_t, rz_t, n_t, h_t = g[t], gi[t], rz[t], n[t], h[t]
        torch.addmv(b, W, h_t, out=g_t)
        torch.add(gi_t[:2 * H], g_t[:2 * H], out=rz_t)
        rz_t.sigmoid_()
        torch.addcmul(gi_t[2 * H:], rz_t[:H], g_t[2 * H:], out=n_t)
        n_t.tanh_()
        torch.lerp(n_t, h_t, rz_t[H:], out=h[t + 1])


def decoder_steps(W: Tensor, b: Tensor, v: Tensor, k: Tensor, context: Tensor, gi: Tensor,
                  g: Tensor, s: Tensor, rz: Tensor, n: Tensor, u: Tensor, alpha: Tensor):
    """The same with attention in front of each cell, which gi gains."""
    H = s.size(1)
    context_t = context.t()
    for p in range(gi.size(0)):
        g_p, gi_p, rz_p, n_p, s_p, u_p = g[p], gi[p], rz[p], n[p], s[p], u[p]
        torch.addmv(b, W, s_p, out=g_p)
        torch.add(k, g_p[3 * H:], out=u_p)
        u_p.tanh_()
        alpha_p = torch.softmax(torch.mv(u_p, v), 0)
        alpha[p] = alpha_p
        gi_p.addmv_(context_t, alpha_p)
        torch.add(gi_p[:2 * H], g_p[:2 * H], out=rz_p)
        rz_p.sigmoid_()
        torch.addcmul(gi_p[2 * H:], rz_p[:H], g_p[2 * H:3 * H], out=n_p)
        n_p.tanh_()
        torch.lerp(n_p, s_p, rz_p[H:], out=s[p + 1])


def cell_slopes(g: Tensor, h: Tensor, rz: Tensor, n: Tensor):
    """[T][3][H] of dgi and dgh to dh, which both are proportional to."""
    T, H = n.size(0), n.size(1)
    r, z = rz[:, :H], rz[:, H:]
    to_n = (1 - z) * (1 - n * n)
    to_z = (h[:T] - n) * z * (1 - z)
    to_r = to_n * g[:, 2 * H:3 * H] * r * (1 - r)
    return torch.stack((to_r, to_z, to_n), 1), torch.stack((to_r, to_z, to_n * r), 1)


def gru_steps_back(W: Tensor, to_gi: Tensor, to_gh: Tensor, z: Tensor, dh: Tensor, dgi: Tensor,
                   dg: Tensor):
    """dgi, dg [T][3][H] from dh [T + 1][H], which gains what comes through the cells."""
    W_t = W.t()
    dg_flat = dg.view(dg.size(0), -1)
    for t in range(dg.size(0) - 1, -1, -1):
        dh_t = dh[t + 1]
        torch.mul(dh_t, to_gi[t], out=dgi[t])
        torch.mul(dh_t, to_gh[t], out=dg[t])
        dh[t].addcmul_(dh_t, z[t]).addmv_(W_t, dg_flat[t])


def decoder_steps_back(W: Tensor, context: Tensor, to_gi: Tensor, to_gh: Tensor, z: Tensor,
                       to_q: Tensor, alpha: Tensor, ds: Tensor, dgi: Tensor, dg: Tensor,
                       dscore: Tensor):
    """The same; dg [T][4][H] has the gradient of q in its last part."""
    W_t = W.t()
    dg_flat, dgi_flat = dg.view(dg.size(0), -1), dgi.view(dgi.size(0), -1)
    for p in range(dg.size(0) - 1, -1, -1):
        ds_p, dg_p, alpha_p = ds[p + 1], dg[p], alpha[p]
        torch.mul(ds_p, to_gi[p], out=dgi[p])
        torch.mul(ds_p, to_gh[p], out=dg_p[:3])
        dalpha = torch.mv(context, dgi_flat[p])
        dscore_p = torch._softmax_backward_data(dalpha, alpha_p, 0, dalpha.dtype)
        dscore[p] = dscore_p
        torch.mv(to_q[p].t(), dscore_p, out=dg_p[3])
        ds[p].addcmul_(ds_p, z[p]).addmv_(W_t, dg_flat[p])


class Best:
    def __init__(self, weights, lr):
        w = {name: value.clone() for name, value in weights.items()}
        V, H = w["decoder.output.weight"].shape
        self.V, self.H, self.lr, self.w = V, H, lr, w
        self.hit_rate = [0.5] * MAX_WORDS  # of free steps, over the last sentences
        W_y, W_c = w["decoder.gru.weight_ih"].split(H, 1)
        self.W_y = W_y.contiguous()
        self.W_state = torch.cat((w["decoder.gru.weight_hh"], w["decoder.attention.w_s"]))
        self.b_state = torch.cat((w["decoder.gru.bias_hh"], torch.zeros(H)))
        self.W_encoded = torch.cat((W_c, w["decoder.attention.w_h"]))
        self.steps, self.steps_back, self.decoder_steps, self.decoder_steps_back = map(
            torch.jit.script,
            (gru_steps, gru_steps_back, decoder_steps, decoder_steps_back))

    def decode(self, words, first, last, d):
        """Steps first .. last - 1."""
        torch.addmm(self.w["decoder.gru.bias_ih"], self.embed(words[first:last]), self.W_y.t(),
                    out=d.gi[first:last])
        self.decoder_steps(
            self.W_state, self.b_state, self.w["decoder.attention.v"], d.k, d.context,
            d.gi[first:last], d.g[first:last], d.s[first:last + 1], d.rz[first:last],
            d.n[first:last], d.u[first:last], d.alpha[first:last])
        W, b = self.w["decoder.output.weight"], self.w["decoder.output.bias"]
        if last - first > 4:
            torch.addmm(b, d.s[first + 1:last + 1], W.t(), out=d.logits[first:last])
            return
        for p in range(first, last):  # sooner than one product: its copy of W costs more
            torch.addmv(b, W, d.s[p + 1], out=d.logits[p])

    def embed(self, words):
        return self.w["decoder.embedding.weight"].index_select(0, words)

    def guess_steps(self, first, T):
        """How many to compute at once: as long as they are likely to be reached."""
        reached, n = 1.0, 1
        while first + n < T:
            reached *= self.hit_rate[first + n - 1]
            if reached < 0.7:
                break
            n += 1
        return n

    def run_free(self, words, target, d):
        """Guesses that the target is predicted; the number of steps."""
        T, first = len(target), 0
        wanted = target.tolist()
        while first < T:
            last = first + self.guess_steps(first, T)
            self.decode(words, first, last, d)
            for said in d.logits[first:last].argmax(1).tolist():
                right = said == wanted[first]
                self.hit_rate[first] += (right - self.hit_rate[first]) / 16
                first += 1
                if said == EOS:
                    return first
                if not right:
                    if first < T:
                        words[first] = said
                    break
        return T

    @torch.no_grad()
    def train(self, source, target, forced):
        w, H, S, T = self.w, self.H, len(source), len(target)
        e = argparse.Namespace(
            x=w["encoder.embedding.weight"].index_select(0, source), g=torch.empty(S, 3 * H),
            h=torch.zeros(S + 1, H), rz=torch.empty(S, 2 * H), n=torch.empty(S, H))
        gi = torch.addmm(w["encoder.gru.bias_ih"], e.x, w["encoder.gru.weight_ih"].t())
        self.steps(w["encoder.gru.weight_hh"], w["encoder.gru.bias_hh"], gi, e.g, e.h, e.rz, e.n)

        encoded = torch.mm(e.h[1:], self.W_encoded.t())
        d = argparse.Namespace(
            context=encoded[:, :3 * H], k=encoded[:, 3 * H:].contiguous(),
            gi=torch.empty(T, 3 * H), g=torch.empty(T, 4 * H), s=torch.empty(T + 1, H),
            rz=torch.empty(T, 2 * H), n=torch.empty(T, H), u=torch.empty(T, S, H),
            alpha=torch.empty(T, S), logits=torch.empty(T, self.V))
        d.s[0] = e.h[S]
        words = torch.cat((torch.tensor([SOS]), target[:-1]))
        if forced:
            self.decode(words, 0, T, d)
        else:
            steps = self.run_free(words, target, d)
            if steps < T:
                T, words, target = steps, words[:steps], target[:steps]
                for name in ("gi", "g", "rz", "n", "u", "alpha", "logits"):
                    setattr(d, name, getattr(d, name)[:T])
                d.s = d.s[:T + 1]
        at = torch.arange(T)
        log_p = torch.log_softmax(d.logits, 1)
        loss = -log_p[at, target].sum().item()
        dlogits = log_p.exp_()
        dlogits[at, target] -= 1
        self.backward(source, words, e, d, dlogits)
        return loss

    def backward(self, source, words, e, d, dlogits):
        w, H, lr, S, T = self.w, self.H, self.lr, len(source), len(words)
        ds = torch.zeros(T + 1, H)
        torch.mm(dlogits, w["decoder.output.weight"], out=ds[1:])
        w["decoder.output.weight"].addmm_(dlogits.t(), d.s[1:], alpha=-lr)
        w["decoder.output.bias"].sub_(dlogits.sum(0), alpha=lr)

        to_gi, to_gh = cell_slopes(d.g, d.s, d.rz, d.n)
        to_q = (1 - d.u * d.u).mul_(w["decoder.attention.v"])
        dgi, dg, dscore = torch.empty(T, 3, H), torch.empty(T, 4, H), torch.empty(T, S)
        self.decoder_steps_back(self.W_state, d.context, to_gi, to_gh, d.rz[:, H:], to_q, d.alpha,
                                ds, dgi, dg, dscore)
        dgi, dg = dgi.view(T, -1), dg.view(T, -1)

        dencoded = torch.empty(S, 4 * H)
        dencoded[:, :3 * H] = torch.mm(d.alpha.t(), dgi)
        dencoded[:, 3 * H:] = to_q.mul_(dscore.unsqueeze(2)).sum(0)
        dh = torch.zeros(S + 1, H)
        torch.mm(dencoded, self.W_encoded, out=dh[1:])
        dh[S] += ds[0]
        self.W_encoded.addmm_(dencoded.t(), e.h[1:], alpha=-lr)
        w["decoder.attention.v"].addmv_(d.u.view(T * S, H).t(), dscore.view(-1), alpha=-lr)
        self.W_state.addmm_(dg.t(), d.s[:T], alpha=-lr)
        self.b_state[:3 * H].sub_(dg[:, :3 * H].sum(0), alpha=lr)
        self.learn_input("decoder", self.W_y, words, self.embed(words), dgi)

        to_gi, to_gh = cell_slopes(e.g, e.h, e.rz, e.n)
        dgi, dg = torch.empty(S, 3, H), torch.empty(S, 3, H)
        self.steps_back(w["encoder.gru.weight_hh"], to_gi, to_gh, e.rz[:, H:], dh, dgi, dg)
        dgi, dg = dgi.view(S, -1), dg.view(S, -1)
        w["encoder.gru.weight_hh"].addmm_(dg.t(), e.h[:S], alpha=-lr)
        w["encoder.gru.bias_hh"].sub_(dg.sum(0), alpha=lr)
        self.learn_input("encoder", w["encoder.gru.weight_ih"], source, e.x, dgi)

    def learn_input(self, layer, W, words, x, dgi):
        dx = torch.mm(dgi, W)
        W.addmm_(dgi.t(), x, alpha=-self.lr)
        self.w[layer + ".gru.bias_ih"].sub_(dgi.sum(0), alpha=self.lr)
        self.w[layer + ".embedding.weight"].index_add_(0, words, dx, alpha=-self.lr)

    def weights(self):
        H, w = self.H, {name: value.clone() for name, value in self.w.items()}
        w["decoder.gru.weight_ih"] = torch.cat((self.W_y, self.W_encoded[:3 * H]), 1)
        w["decoder.gru.weight_hh"], w["decoder.attention.w_s"] = self.W_state.split((3 * H, H))
        w["decoder.gru.bias_hh"] = self.b_state[:3 * H]
        w["decoder.attention.w_h"] = self.W_encoded[3 * H:]
        return w


# ---- input ----


def read_pairs(path):
    with open(path, encoding="ascii") as file:
        return [tuple(torch.tensor([int(word) for word in sentence.split()])
                      for sentence in line.split("\t")) for line in file]


def draw_weights(V, H):
    """As nn_network_init(): embeddings from N(0, 1), all else uniformly."""
    shapes = [(V, H), (3 * H, H), (3 * H, H), (3 * H,), (3 * H,), (V, H), (H, H), (H, H), (H,),
              (3 * H, 2 * H), (3 * H, H), (3 * H,), (3 * H,), (V, H), (V,)]
    return {name: torch.randn(shape) if "embedding" in name
            else torch.empty(shape).uniform_(-H ** -0.5, H ** -0.5)
            for name, shape in zip(NAMES, shapes)}


def read_model(path):
    """The tensors of a safetensors file, model/model_file.h."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, tensor in header.items():
        first, last = tensor["data_offsets"]
        tensors[name] = torch.frombuffer(data, dtype=torch.float32, offset=first,
                                         count=(last - first) // 4).view(tensor["shape"])
    return tensors


def blas():
    """The library that PyTorch's products come from."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        paths = {os.path.realpath(line.split()[-1]) for line in maps if "blas" in line}
    return ", ".join(sorted(os.path.basename(path) for path in paths)) or "its own"


def keep_memory():
    """Lets malloc() keep what is freed, for both ways; the tutorial needs half as long then."""
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
    libc = ctypes.CDLL(None)
    libc.mallopt(M_TRIM_THRESHOLD, 1 << 30)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)


# ---- what is asked ----


def check(weights, pairs):
    """Whether both ways give the same loss and gradient ."""
    worst = 0.0
    for source, target in pairs:
        for forced in (True, False):
            ways = [Tutorial(weights, LARGE), Best(weights, LARGE)]
            losses = [way.train(source, target, forced) for way in ways]
            worst = max(worst, abs(losses[0] - losses[1]) / abs(losses[0]))
            after = [way.weights() for way in ways]
            for name in NAMES:
                before = weights[name]
                gradients = [(before - w[name].view_as(before)) / LARGE for w in after]
                largest = gradients[0].abs().max().item()
                difference = (gradients[0] - gradients[1]).abs().max().item()
                worst = max(worst, difference / largest if largest > 0 else difference)
    print(f"largest difference of losses and gradients: {worst:.1e} of the largest")
    return worst < 1e-4


def take_time(weights, pairs, iterations, rounds):
    now = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    ways = {"tutorial": Tutorial(weights, LEARNING_RATE), "best": Best(weights, LEARNING_RATE)}
    modes = {"forced": 1.0, "free": 0.0, "mixed": 0.5}
    times = {}
    for i in range(rounds + 1):
        for mode, probability in modes.items():
            for name, way in ways.items():
                draw = random.Random(i)
                chosen = draw.choices(pairs, k=iterations if i else min(iterations, 5))
                start = now()
                for source, target in chosen:
                    way.train(source, target, draw.random() < probability)
                if i:  # the first round warms up
                    times.setdefault((name, mode), []).append(
                        (now() - start) / iterations * 1000)
    for (name, mode), all_times in times.items():
        print(name, mode, f"{statistics.median(all_times):.3f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs")
    parser.add_argument("--model")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    keep_memory()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    pairs = read_pairs(arguments.pairs)
    V = 1 + max(FIRST_WORD, *(int(sentence.max()) for pair in pairs for sentence in pair))
    weights = read_model(arguments.model) if arguments.model else draw_weights(V, arguments.hidden)
    if arguments.check:
        sys.exit(0 if check(weights, pairs[:4]) else 1)
    print(f"# PyTorch {torch.__version__}, BLAS {blas()}")
    take_time(weights, pairs, arguments.iterations, arguments.rounds)


if __name__ == "__main__":
    main()
