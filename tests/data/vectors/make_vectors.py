#!/usr/bin/python3
"""Reference vectors for tests/unit/test_vectors.c, computed by PyTorch in double precision.

    /usr/bin/python3 tests/data/vectors/make_vectors.py

writes beside itself (needs Debian's python3-torch; the tests need only what it wrote):

    cases.ini    H, V, and of each case the words of both sentences (<EOS> included), whether the
                 decoder was teacher-forced, the number of its steps and the summed NLL
    weights.bin  all tensors, in the order of enum nn_tensor_id
    CASE.bin     gradient of the NLL for all tensors, in that order, then the probabilities [T][V]

The .bin files are float32, little-endian, row-major. The network is written with PyTorch's own GRU
and the equations of the paper, context vector and all; it shares nothing with the C code.
"""

import configparser
import pathlib

import torch

SOS, EOS, FIRST_WORD = 0, 1, 3
H, V = 18, 31
HERE = pathlib.Path(__file__).resolve().parent


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_embedding = torch.nn.Embedding(V, H)
        self.encoder = torch.nn.GRU(H, H)
        self.decoder_embedding = torch.nn.Embedding(V, H)
        self.w_s = torch.nn.Linear(H, H, bias=False)
        self.w_h = torch.nn.Linear(H, H, bias=False)
        self.v = torch.nn.Linear(H, 1, bias=False)
        self.decoder = torch.nn.GRU(2 * H, H)
        self.output = torch.nn.Linear(H, V)

    def tensors(self):
        """In the order of enum nn_tensor_id."""
        e, d = self.encoder, self.decoder
        return [
            self.encoder_embedding.weight,
            e.weight_ih_l0, e.weight_hh_l0, e.bias_ih_l0, e.bias_hh_l0,
            self.decoder_embedding.weight, self.w_s.weight, self.w_h.weight, self.v.weight,
            d.weight_ih_l0, d.weight_hh_l0, d.bias_ih_l0, d.bias_hh_l0,
            self.output.weight, self.output.bias,
        ]

    def run(self, source, target, forced):
        """Logits [T][V]; free running ends after the step whose argmax is EOS."""
        h, state = self.encoder(self.encoder_embedding(torch.tensor(source)).unsqueeze(1))
        word, steps = SOS, []
        for expected in target:
            r = self.v(torch.tanh(self.w_s(state[0]) + self.w_h(h[:, 0])))  # [S][1]
            context = (torch.softmax(r, 0) * h[:, 0]).sum(0)
            y = self.decoder_embedding(torch.tensor(word))
            s, state = self.decoder(torch.cat((y, context)).view(1, 1, -1), state)
            steps.append(self.output(s[0, 0]))
            best = torch.topk(steps[-1].detach(), 2)
            # A nearer tie could be decided otherwise in single precision.
            assert forced or best.values[0] - best.values[1] > 1e-3
            word = expected if forced else int(best.indices[0])
            if not forced and word == EOS:
                break
        return torch.stack(steps)


def sentence(n):
    """n random words and EOS."""
    return torch.randint(FIRST_WORD, V, (n,)).tolist() + [EOS]


def find_free(network, n_source, n_target, accept):
    """A sentence pair whose free run predicts, in n_target steps, what `accept` wants."""
    while True:
        source, target = sentence(n_source), sentence(n_target - 1)
        with torch.no_grad():
            try:
                logits = network.run(source, target, False)
            except AssertionError:
                continue
        said = logits.argmax(1).tolist()
        if accept(said):
            return source, target, said


def write(name, values):
    data = torch.cat([v.detach().reshape(-1) for v in values]).to(torch.float32).numpy()
    (HERE / name).write_bytes(data.astype("<f4").tobytes())


def main():
    torch.manual_seed(3)  # one whose words come soon in the searches below
    torch.set_default_dtype(torch.float64)
    network = Network()
    with torch.no_grad():
        for tensor in network.tensors():
            tensor.copy_(tensor.to(torch.float32))  # what the file can hold
            if tensor.shape != (V, H) or tensor is network.output.weight:
                tensor.mul_(2)  # out of the range where every gate is half open
    write("weights.bin", network.tensors())

    # Free running that goes right for a while, errs, and goes right again.
    source, target, said = find_free(network, 6, 12, lambda said: EOS not in said)
    mixed = [w if p not in (5, 8) else 3 + (w - 2) % (V - 3) for p, w in enumerate(said)]
    # ... and that says EOS in the fourth step of nine.
    early = find_free(network, 5, 9, lambda said: EOS in said and len(said) == 4)
    cases = {
        "forced": (sentence(6), sentence(4), True),
        "free": (source, mixed[:-1] + [EOS], False),
        "one": (sentence(0), sentence(0), True),
        "hundred": (sentence(100), sentence(100), True),
        "hundred-to-one": (sentence(100), sentence(1), False),
        "early-end": (early[0], early[1], False),
    }

    ini = configparser.ConfigParser()
    ini["network"] = {"hidden": str(H), "vocabulary": str(V)}
    for name, (source, target, forced) in cases.items():
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
    with open(HERE / "cases.ini", "w", encoding="ascii") as file:
        ini.write(file, space_around_delimiters=False)


if __name__ == "__main__":
    main()
