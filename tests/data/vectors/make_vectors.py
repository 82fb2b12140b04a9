#!/usr/bin/python3
"""Reference vectors for tests/unit/test_vectors.c, computed by PyTorch in double precision.

    /usr/bin/python3 tests/data/vectors/make_vectors.py

writes beside itself (needs Debian's python3-torch; the tests need only what it wrote):

    cases.ini    of each network its cell, attention, H and V (GRU and additive attention unless
                 said otherwise); of each case its network (the first unless said otherwise), the
                 words of both sentences (<EOS> included), whether the decoder was teacher-forced,
                 the number of its steps and the summed NLL
    weights.bin, weights-NETWORK.bin
                 all tensors, in the order of enum nn_tensor_id
    CASE.bin     gradient of the NLL for all tensors, in that order, then the probabilities [T][V]

The .bin files are float32, little-endian, row-major. The networks are written with PyTorch's own
GRU, LSTM and Linear and the equations of the paper, context vector and all; location attention is
that of PyTorch's tutorial. They share nothing with the C code. Run again, the script writes the same
.bin files; the last digit of an NLL may change.
"""

import configparser
import pathlib

import torch

SOS, EOS, FIRST_WORD = 0, 1, 3
POSITIONS = 101
HERE = pathlib.Path(__file__).resolve().parent
CELLS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


class Network(torch.nn.Module):
    def __init__(self, hidden, vocabulary, cell="gru", attention="additive"):
        super().__init__()
        H, V = hidden, vocabulary
        self.V, self.cell, self.attention = V, cell, attention
        self.encoder_embedding = torch.nn.Embedding(V, H)
        self.encoder = CELLS[cell](H, H)
        self.decoder_embedding = torch.nn.Embedding(V, H)
        if attention == "additive":
            self.w_s = torch.nn.Linear(H, H, bias=False)
            self.w_h = torch.nn.Linear(H, H, bias=False)
            self.v = torch.nn.Linear(H, 1, bias=False)
        elif attention == "location":
            self.attend = torch.nn.Linear(2 * H, POSITIONS)
        self.decoder = CELLS[cell](H if attention == "none" else 2 * H, H)
        self.output = torch.nn.Linear(H, V)
        with torch.no_grad():
            for tensor in self.tensors():
                tensor.copy_(tensor.to(torch.float32))  # what the file can hold
                if not any(tensor is e.weight
                           for e in (self.encoder_embedding, self.decoder_embedding)):
                    tensor.mul_(2)  # out of the range where every gate is half open

    def tensors(self):
        """In the order of enum nn_tensor_id."""
        e, d = self.encoder, self.decoder
        attention = {
            "additive": lambda: [self.w_s.weight, self.w_h.weight, self.v.weight],
            "location": lambda: [self.attend.weight, self.attend.bias],
            "none": lambda: [],
        }[self.attention]()
        return [
            self.encoder_embedding.weight,
            e.weight_ih_l0, e.weight_hh_l0, e.bias_ih_l0, e.bias_hh_l0,
            self.decoder_embedding.weight, *attention,
            d.weight_ih_l0, d.weight_hh_l0, d.bias_ih_l0, d.bias_hh_l0,
            self.output.weight, self.output.bias,
        ]

    def context(self, y, s, h):
        """What a decoder of state s [H], about to read the embedding y [H], sees of h [S][H]."""
        if self.attention == "additive":
            r = self.v(torch.tanh(self.w_s(s) + self.w_h(h)))  # [S][1]
            return (torch.softmax(r, 0) * h).sum(0)
        alpha = torch.softmax(self.attend(torch.cat((y, s))), 0)
        padded = torch.cat((h, torch.zeros(POSITIONS - len(h), h.shape[1])))
        return alpha @ padded

    def run(self, source, target, forced):
        """Logits [T][V]; free running ends after the step whose argmax is EOS."""
        h, state = self.encoder(self.encoder_embedding(torch.tensor(source)).unsqueeze(1))
        word, steps = SOS, []
        for expected in target:
            x = self.decoder_embedding(torch.tensor(word))
            if self.attention != "none":
                s_prev = (state[0] if self.cell == "lstm" else state)[0, 0]
                x = torch.cat((x, self.context(x, s_prev, h[:, 0])))
            s, state = self.decoder(x.view(1, 1, -1), state)
            steps.append(self.output(s[0, 0]))
            best = torch.topk(steps[-1].detach(), 2)
            # A nearer tie could be decided otherwise in single precision.
            assert forced or best.values[0] - best.values[1] > 1e-3
            word = expected if forced else int(best.indices[0])
            if not forced and word == EOS:
                break
        return torch.stack(steps)

    def sentence(self, n):
        """n random words and EOS."""
        return torch.randint(FIRST_WORD, self.V, (n,)).tolist() + [EOS]

    def find_free(self, n_source, n_target, accept):
        """A sentence pair whose free run predicts, in n_target steps, what `accept` wants."""
        while True:
            source, target = self.sentence(n_source), self.sentence(n_target - 1)
            with torch.no_grad():
                try:
                    logits = self.run(source, target, False)
                except AssertionError:
                    continue
            said = logits.argmax(1).tolist()
            if accept(said):
                return source, target, said

    def find_mixed(self, n_source, n_target, wrong):
        """Free running that goes right for a while, errs in steps `wrong`, and goes right again."""
        source, _, said = self.find_free(n_source, n_target, lambda said: EOS not in said)
        mixed = [w if p not in wrong else FIRST_WORD + (w - 2) % (self.V - 3)
                 for p, w in enumerate(said)]
        return source, mixed[:-1] + [EOS], False


def write(name, values):
    data = torch.cat([v.detach().reshape(-1) for v in values]).to(torch.float32).numpy()
    (HERE / name).write_bytes(data.astype("<f4").tobytes())


def write_case(ini, name, network, source, target, forced):
    logits = network.run(source, target, forced)
    steps = len(logits)
    loss = torch.nn.functional.nll_loss(
        torch.log_softmax(logits, 1), torch.tensor(target[:steps]), reduction="sum")
    network.zero_grad()
    loss.backward()
    write(name + ".bin", [t.grad for t in network.tensors()] + [torch.softmax(logits, 1)])
    ini["case " + name] = {
        "source": ";".join(map(str, source)),
        "target": ";".join(map(str, target)),
        "teacher_forcing": str(forced).lower(),
        "steps": str(steps),
        "nll": repr(loss.item()),
    }


def write_paper(ini):
    """The network of the paper."""
    torch.manual_seed(3)  # one whose words come soon in the searches below
    network = Network(18, 31)
    write("weights.bin", network.tensors())
    ini["network"] = {"hidden": "18", "vocabulary": "31"}

    sentence = network.sentence
    mixed = network.find_mixed(6, 12, (5, 8))
    # Free running that says EOS in the fourth step of nine.
    early = network.find_free(5, 9, lambda said: EOS in said and len(said) == 4)
    cases = {
        "forced": (sentence(6), sentence(4), True),
        "free": mixed,
        "one": (sentence(0), sentence(0), True),
        "hundred": (sentence(100), sentence(100), True),
        "hundred-to-one": (sentence(100), sentence(1), False),
        "early-end": (early[0], early[1], False),
    }
    for name, case in cases.items():
        write_case(ini, name, network, *case)


def write_variant(ini, cell, attention):
    """Another one, small, with a forced and a free case."""
    H, V = 5, 9
    name = f"{cell}-{attention}"
    torch.manual_seed(1)
    network = Network(H, V, cell, attention)
    write(f"weights-{name}.bin", network.tensors())
    ini["network " + name] = {
        "hidden": str(H), "vocabulary": str(V), "cell": cell, "attention": attention}
    cases = {
        "forced": (network.sentence(12), network.sentence(9), True),
        "free": network.find_mixed(7, 10, (4, 6)),
    }
    for case, values in cases.items():
        write_case(ini, f"{name}-{case}", network, *values)
        ini[f"case {name}-{case}"]["network"] = name


def main():
    torch.set_default_dtype(torch.float64)
    ini = configparser.ConfigParser()
    write_paper(ini)
    for cell in CELLS:
        for attention in "additive", "location", "none":
            if (cell, attention) != ("gru", "additive"):
                write_variant(ini, cell, attention)
    with open(HERE / "cases.ini", "w", encoding="ascii") as file:
        ini.write(file, space_around_delimiters=False)


if __name__ == "__main__":
    main()
