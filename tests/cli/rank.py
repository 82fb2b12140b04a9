#!/usr/bin/env python3
"""Recomputes what score and rank wrote, from the events and predictions of a store, in plain Python.

usage: rank.py STORE TASK scores [MODEL...]   the scores of the built-in detectors, and of models
       rank.py STORE TASK models MODEL...     those of models alone
       rank.py STORE TASK measures            the figures in table measure, with the intervals of the
                                              default 1,000 resamples by seed 1

Nothing is shared with the program: scores are computed by their definitions from packets, events and
predictions, figures from tables score and candidate, by loops over all pairs of items where the
program sorts; the resamples come from the published xoshiro256++ and splitmix64. Prints what differs
by more than 1e-6 and exits 1 then, or says how much was compared.
"""
import collections
import itertools
import json
import math
import sqlite3
import sys

EPSILON = 1e-6
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
task = sys.argv[2]
n_compared, n_differ = 0, 0


def same(name, got, wanted):
    global n_compared, n_differ
    n_compared += 1
    if got is None or wanted is None:
        equal = got is None and wanted is None
    else:
        equal = got == wanted or abs(got - wanted) <= EPSILON * max(1, abs(wanted))
    if not equal:
        n_differ += 1
        if n_differ <= 20:
            print(f'{name}: got {got}, computed {wanted}')


task_id, width = db.execute('SELECT detection_id, window FROM detection WHERE name = ?', [task]).fetchone()
runs = {role: [r for r, in db.execute('SELECT run_id FROM detection_run WHERE detection_id = ? AND role = ?'
                                      ' ORDER BY 1', [task_id, role])] for role in ('train', 'test')}

# ---- scores --------------------------------------------------------------------------------------


class Traffic:
    """(run, src, dst, window or -1) -> times of packets, gaps, shapes of events."""

    def __init__(self, run_ids):
        self.sent = collections.defaultdict(list)
        self.gaps = collections.defaultdict(list)
        self.events = collections.defaultdict(list)
        for run in run_ids:
            self.read(run)

    def read(self, run):
        pairs = collections.defaultdict(list)
        for src, dst, sent in db.execute('SELECT src, dst, sent FROM packet JOIN flow USING (run_id, flow)'
                                         ' WHERE run_id = ? AND forward = 1 AND sent IS NOT NULL', [run]):
            pairs[src, dst].append(sent)
        for (src, dst), times in pairs.items():
            times.sort()
            for i, time in enumerate(times):
                for window in (-1, int(time / width)):
                    key = run, src, dst, window
                    self.sent[key].append(time)
                    if i > 0:
                        self.gaps[key].append(time - times[i - 1])
        for time, src, dst, *shape in db.execute(
                'SELECT time, f.src, f.dst, op, layer, ptype, reason, size, mac_type, flags, tcp_header, arp_op,'
                ' route_op, e.proto, e.sport, e.dport, ttl FROM event AS e JOIN flow AS f'
                ' ON f.run_id = e.run_id AND f.flow = e.flow WHERE e.run_id = ? ORDER BY line', [run]):
            for window in (-1, int(time / width)):
                if (run, src, dst, window) in self.sent:
                    self.events[run, src, dst, window].append(tuple(shape))


def seconds(key):
    run, window = key[0], key[3]
    return width if window >= 0 else db.execute('SELECT duration FROM run WHERE run_id = ?', [run]).fetchone()[0]


def ks(a, b):
    points = sorted(set(a) | set(b))
    below = [sum(x <= p for x in a) / len(a) for p in points] if len(a) < 50 else None
    if below is None:
        a, b = sorted(a), sorted(b)
        i = j = 0
        worst = 0
        for p in points:
            while i < len(a) and a[i] <= p:
                i += 1
            while j < len(b) and b[j] <= p:
                j += 1
            worst = max(worst, abs(i / len(a) - j / len(b)))
        return worst
    return max(abs(f - sum(x <= p for x in b) / len(b)) for f, p in zip(below, points))


def cosine(a, b):
    return sum(a[k] * b.get(k, 0) for k in a) / math.sqrt(
        sum(x * x for x in a.values()) * sum(x * x for x in b.values()))


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[len(b)]


def unit(key):
    return key[3] >= 0


def built_in():
    train, test = Traffic(runs['train']), Traffic(runs['test'])
    gateway = {(r, n): g for r, n, g in db.execute('SELECT run_id, node, gateway FROM node')}
    known_pairs = {k[1:3] for k in train.sent}
    shapes = {s for k in train.events for s in train.events[k]}
    pooled = [g for k in train.gaps if k[3] == -1 for g in train.gaps[k]]
    scores = collections.defaultdict(dict)
    rates = collections.defaultdict(list)
    for k, times in train.sent.items():
        rates[unit(k)].append(math.log(len(times) / seconds(k)))
    counts = {k: collections.Counter(e) for k, e in train.events.items()}
    for k, times in test.sent.items():
        a, b = gateway[k[0], k[1]], gateway[k[0], k[2]]
        scores['crosses-gateways'][k] = float(a is not None and b is not None and a != b)
        scores['new-pair'][k] = float(k[1:3] not in known_pairs)
        mean = sum(rates[unit(k)]) / len(rates[unit(k)])
        sd = math.sqrt(sum((x - mean) ** 2 for x in rates[unit(k)]) / len(rates[unit(k)]))
        scores['volume'][k] = abs(math.log(len(times) / seconds(k)) - mean) / (sd or 1)
        if test.gaps[k]:
            scores['inter-arrival'][k] = ks(test.gaps[k], pooled)
        events = test.events.get(k)
        if events:
            mine = collections.Counter(events)
            scores['new-event'][k] = sum(e not in shapes for e in events) / len(events)
            scores['count-vector'][k] = 1 - max(cosine(mine, c) for o, c in counts.items() if unit(o) == unit(k))
            scores['edit-distance'][k] = min(
                levenshtein(events[:100], e[:100]) / max(len(events[:100]), len(e[:100]))
                for o, e in train.events.items() if unit(o) == unit(k))
    return scores


def model(name):
    """The scores of a model, evaluated on the pair set that its detectors say."""
    options, model_id = db.execute("SELECT options, model_id FROM detector WHERE detection_id = ? AND name = ?",
                                   [task_id, name + ':bleu']).fetchone()
    pairs = json.loads(options)['source']['pairs']
    pair_set, fields = db.execute("SELECT pair_set_id, options ->> '$.fields' FROM pair_set WHERE name = ?",
                                  [pairs]).fetchone()
    place = json.loads(fields).index('node')
    gateway = {(r, n): g for r, n, g in db.execute('SELECT run_id, node, gateway FROM node')}
    judged = {k for k, in ((tuple(r),) for r in db.execute(
        'SELECT run_id, src, dst, window FROM candidate WHERE detection = ?', [task]))}
    means = {kind: collections.defaultdict(list) for kind in ('log-probability', 'bleu', 'top-g')}
    tuples = collections.defaultdict(lambda: collections.defaultdict(list))
    for (run, src, dst, time, bleu, logprob, outside, target, output, said, source_node, target_node) in db.execute(
            'SELECT p.run_id, f.src, f.dst, t.time, bleu1, target_logprob, target_outside, x.target, output,'
            ' logprob, s.node, t.node FROM pair AS p JOIN prediction USING (pair_id) JOIN pair_text AS x'
            ' USING (pair_id) JOIN event AS s ON s.run_id = p.run_id AND s.line = source_line JOIN event AS t'
            ' ON t.run_id = p.run_id AND t.line = target_line JOIN flow AS f ON f.run_id = p.run_id AND'
            ' f.flow = s.flow WHERE pair_set_id = ? AND model_id = ? ORDER BY pair_id', [pair_set, model_id]):
        words = len(target.split()) + 1
        for window in (-1, int(time / width)):
            key = run, src, dst, window
            if key in judged:
                means['bleu'][key].append(1 - bleu)
                means['log-probability'][key].append(None if logprob is None else -logprob / words)
                means['top-g'][key].append(None if outside is None else outside / words)
            spoken = output.split()
            node = int(spoken[place]) if len(spoken) > place and spoken[place].isdigit() else -1
            if source_node == src and target_node != src and (run, node) in gateway:
                tuples[run, window][src, target_node, node].append(math.exp(said))
    scores = {f'{name}:{kind}': {k: sum(v) / len(v) for k, v in found.items()}
              for kind, found in means.items() if None not in (x for v in found.values() for x in v)}
    set_a = {k: 0.0 if k in means['bleu'] else None for k in judged}
    for (run, window), found in tuples.items():
        ranked = sorted((-sum(p) / len(p), t) for t, p in found.items())[:5]
        for probability, (src, _, dst) in ranked:
            a, b = gateway[run, src], gateway[run, dst]
            if a is not None and b is not None and a != b and (run, src, dst, window) in set_a:
                set_a[run, src, dst, window] = max(set_a[run, src, dst, window] or 0, -probability)
    scores[name + ':set-a'] = {k: v for k, v in set_a.items() if v is not None}
    return scores


def check_scores(models):
    wanted = built_in() if sys.argv[3] == 'scores' else {}
    for name in models:
        wanted.update(model(name))
    for name, scores in wanted.items():
        got = {tuple(row[:4]): row[4] for row in db.execute(
            'SELECT run_id, src, dst, window, score FROM score JOIN detector USING (detector_id)'
            ' WHERE detection_id = ? AND name = ?', [task_id, name])}
        for key in set(got) | set(scores):
            same(f'{name} {key}', got.get(key), scores.get(key))


# ---- measures ------------------------------------------------------------------------------------


def auc(items):
    positive = [s for s, p in items if p]
    negative = [s for s, p in items if not p]
    if not positive or not negative:
        return None
    return sum((a > b) + (a == b) / 2 for a in positive for b in negative) / (len(positive) * len(negative))


def flagged(items, threshold):
    tp = sum(p and s >= threshold for s, p in items)
    fp = sum(not p and s >= threshold for s, p in items)
    return tp, fp


def average_precision(items):
    n, area, before = sum(p for _, p in items), 0, 0
    for threshold in sorted({s for s, _ in items}, reverse=True):
        tp, fp = flagged(items, threshold)
        area += (tp - before) / n * tp / (tp + fp)
        before = tp
    return area


def best_threshold(items):
    n, best, threshold = sum(p for _, p in items), 0, math.inf
    for candidate in sorted({s for s, _ in items}, reverse=True):
        tp, fp = flagged(items, candidate)
        if tp and 2 * tp / (n + tp + fp) > best:
            best, threshold = 2 * tp / (n + tp + fp), candidate
    return threshold


def median(values):
    values = sorted(values)
    if not values:
        return None
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def divide(a, b):
    return a / b if b else None


def wilcoxon(differences):
    """Two-sided p over all assignments of signs."""
    d = [x for x in differences if x]
    if not differences:
        return None
    if not d:
        return 1
    sizes = sorted(abs(x) for x in d)
    ranks = [2 * sizes.index(abs(x)) + sizes.count(abs(x)) + 1 for x in d]  # doubled
    plus = sum(r for r, x in zip(ranks, d) if x > 0)
    low = min(plus, sum(ranks) - plus)
    tail = sum(sum(itertools.compress(ranks, signs)) <= low
               for signs in itertools.product((0, 1), repeat=len(ranks)))
    return min(1, 2 * tail / 2 ** len(ranks))


def load():
    seed = dict(db.execute('SELECT run_id, seed FROM run'))
    labels = {tuple(r[:4]): r[4] for r in db.execute(
        'SELECT run_id, src, dst, window, attack FROM candidate WHERE detection = ?', [task])}
    return seed, labels


def confusion_figures(by_seed):
    tp = fp = n_positive = n = 0
    for mine in by_seed:
        others = [x for seed in by_seed if seed != mine for x in by_seed[seed]]
        hit, false = flagged(by_seed[mine], best_threshold(others))
        tp, fp = tp + hit, fp + false
        n_positive += sum(p for _, p in by_seed[mine])
        n += len(by_seed[mine])
    fn, tn = n_positive - tp, n - n_positive - fp
    sides = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    figures = {'precision': divide(tp, tp + fp), 'recall': divide(tp, tp + fn),
               'f1': 2 * tp / (2 * tp + fp + fn),
               'mcc': (tp * tn - fp * fn) / math.sqrt(sides) if sides else 0}
    for name, rate in (('precision_1', .01), ('precision_01', .001), ('precision_001', .0001)):
        right, wrong = rate * tp / (tp + fn), (1 - rate) * fp / (fp + tn)
        figures[name] = divide(right, right + wrong)
    return figures


def alarm_figures(scores, labels, seed, by_seed):
    starts = dict(db.execute('SELECT run_id, min(start) FROM attack GROUP BY run_id'))
    thresholds = {s: best_threshold([x for o in by_seed if o != s for x in by_seed[o]]) for s in by_seed}
    times, n = [], 0
    for run, src, dst, window in labels:
        if window >= 0 or not labels[run, src, dst, -1]:
            continue
        n += 1
        alarms = [k[3] for k in labels if k[:3] == (run, src, dst) and k[3] >= 0 and labels[k]
                  and scores[k] >= thresholds[seed[run]]]
        if alarms:
            first = min(k[3] for k in labels if k[:3] == (run, src, dst) and k[3] >= 0 and labels[k])
            times.append((min(alarms) + 1) * width - starts.get(run, first * width))
    return {'time_to_detection': median(times), 'detected': len(times) / n}


def figures_of(got, labels, seed, unit_name):
    keys = [k for k in labels if (k[3] == -1) == (unit_name == 'run')]
    known = [got[k] for k in keys if k in got]
    scores = {k: got.get(k, min(known)) for k in keys}
    items = [(scores[k], labels[k]) for k in keys]
    by_seed = collections.defaultdict(list)
    for k in keys:
        by_seed[seed[k[0]]].append((scores[k], labels[k]))
    n_positive = sum(p for _, p in items)
    reached = max(t for t in scores.values() if flagged(items, t)[0] / n_positive >= .9)
    figures = {'roc_auc': auc(items), 'pr_auc': average_precision(items), 'n': len(items),
               'n_positive': n_positive, 'base_rate': n_positive / len(items),
               'n_missing': len(keys) - len(known), 'threshold': best_threshold(items),
               'false_positives': flagged(items, reached)[1] / len(runs['test'])}
    figures.update(confusion_figures(by_seed))
    if unit_name == 'window':
        figures.update(alarm_figures(scores, labels, seed, by_seed))
    return figures, {s: auc(x) for s, x in by_seed.items()}, by_seed


# ---- intervals -----------------------------------------------------------------------------------

MASK = 2 ** 64 - 1
BOOTSTRAP, N_RESAMPLE = 2, 1000  # the stream of random numbers, and how many resamples


def splitmix(counter):
    counter = (counter + 0x9e3779b97f4a7c15) & MASK
    x = (counter ^ counter >> 30) * 0xbf58476d1ce4e5b9 & MASK
    x = (x ^ x >> 27) * 0x94d049bb133111eb & MASK
    return counter, x ^ x >> 31


def random_below(n, seed, stream):
    """xoshiro256++, without the numbers above the last whole multiple of n."""
    _, counter = splitmix((splitmix(seed)[1] + stream) & MASK)
    s = []
    for _ in range(4):
        counter, x = splitmix(counter)
        s.append(x)
    while True:
        total = (s[0] + s[3]) & MASK
        x = ((total << 23 | total >> 41) + s[0]) & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = (s[3] << 45 | s[3] >> 19) & MASK
        if x < MASK - MASK % n:
            yield x % n


def resamples(n):
    """How often each of n simulations is in each resample."""
    draw = random_below(n, 1, BOOTSTRAP)
    for _ in range(N_RESAMPLE):
        weights = [0] * n
        for _ in range(n):
            weights[next(draw)] += 1
        yield weights


def quantile(values, p):
    at = (len(values) - 1) * p
    low = values[int(at)]
    return low + (at - int(at)) * (values[min(int(at) + 1, len(values) - 1)] - low)


class Resampled:
    """What the figures of any resample are sums of, simulation by simulation."""

    def __init__(self, by_seed):
        groups = [by_seed[s] for s in sorted(by_seed)]
        positive = [[s for s, p in g if p] for g in groups]
        negative = [[s for s, p in g if not p] for g in groups]
        self.n = [(len(a), len(b)) for a, b in zip(positive, negative)]
        self.wins = [[sum((x > y) + (x == y) / 2 for x in a for y in b) for b in negative] for a in positive]
        thresholds = sorted({s for g in groups for s, _ in g}, reverse=True)
        self.steps = [[flagged(g, t) for g in groups] for t in thresholds]
        self.chosen = [flagged(g, best_threshold([x for o in groups if o is not g for x in o])) for g in groups]

    def figures(self, weights):
        k = range(len(weights))
        n_positive = sum(w * n[0] for w, n in zip(weights, self.n))
        n_negative = sum(w * n[1] for w, n in zip(weights, self.n))
        tp = sum(w * c[0] for w, c in zip(weights, self.chosen))
        fp = sum(w * c[1] for w, c in zip(weights, self.chosen))
        fn, tn = n_positive - tp, n_negative - fp
        sides = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
        figures = {'base_rate': n_positive / (n_positive + n_negative), 'precision': divide(tp, tp + fp),
                   'recall': divide(tp, tp + fn),
                   'f1': 2 * tp / (2 * tp + fp + fn) if n_positive else None,
                   'mcc': (tp * tn - fp * fn) / math.sqrt(sides) if sides else 0 if n_positive and n_negative else None,
                   'roc_auc': divide(sum(weights[i] * weights[j] * self.wins[i][j] for i in k for j in k),
                                     n_positive * n_negative)}
        area, before = 0, 0
        for step in self.steps if n_positive else ():
            tp = sum(w * c[0] for w, c in zip(weights, step))
            fp = sum(w * c[1] for w, c in zip(weights, step))
            if tp > before:
                area += (tp - before) / n_positive * tp / (tp + fp)
                before = tp
        figures['pr_auc'] = area if n_positive else None
        return figures


def check_intervals(name, by_seed, values, intervals):
    draws = collections.defaultdict(list)
    resampled = Resampled(by_seed)
    for weights in resamples(len(by_seed)):
        for measure, value in resampled.figures(weights).items():
            if value is not None:
                draws[measure].append(value)
    for measure, found in draws.items():
        if values[measure] is not None:
            found.sort()
            same(f'{name} {measure}: low', intervals[measure][0], quantile(found, .025))
            same(f'{name} {measure}: high', intervals[measure][1], quantile(found, .975))


def check_unit(unit_name, seed, labels):
    figures, seed_aucs, measures, intervals = {}, {}, collections.defaultdict(dict), collections.defaultdict(dict)
    for name, measure, value, low, high in db.execute(
            'SELECT d.name, m.name, value, ci_low, ci_high FROM measure AS m JOIN detector AS d USING (detector_id)'
            ' WHERE detection_id = ? AND unit = ?', [task_id, unit_name]):
        measures[name][measure] = value
        intervals[name][measure] = low, high
    for name in measures:
        got = {tuple(row[:4]): row[4] for row in db.execute(
            'SELECT run_id, src, dst, window, score FROM score JOIN detector USING (detector_id)'
            ' WHERE detection_id = ? AND name = ?', [task_id, name])}
        figures[name], seed_aucs[name], by_seed = figures_of(got, labels, seed, unit_name)
        check_intervals(f'{unit_name} {name}', by_seed, measures[name], intervals[name])
    references = [n for n in measures if 'wilcoxon_p' not in measures[n]]
    same(f'{unit_name}: one reference', len(references), 1)
    compare(figures, seed_aucs, references[0])
    for name, wanted in figures.items():
        for measure in set(wanted) | set(measures[name]) - {'null_roc_auc'}:
            same(f'{unit_name} {name} {measure}', measures[name].get(measure), wanted.get(measure))


def compare(figures, seed_aucs, reference):
    p = {}
    for name in figures:
        if name == reference:
            continue
        differences = [round(seed_aucs[name][s] - seed_aucs[reference][s], 12) for s in seed_aucs[name]
                       if seed_aucs[name][s] is not None]
        p[name] = wilcoxon(differences)
        figures[name].update(n_seed=len(differences), wilcoxon_p=p[name])
    adjusted = 0
    for i, name in enumerate(sorted(p, key=p.get)):
        adjusted = max(adjusted, min(1, (len(p) - i) * p[name]))
        figures[name]['holm_p'] = adjusted


if sys.argv[3] in ('scores', 'models'):
    check_scores(sys.argv[4:])
else:
    check = load()
    check_unit('run', *check)
    check_unit('window', *check)
print(f'{n_compared} compared, {n_differ} differ')
sys.exit(n_differ > 0 or n_compared == 0)
