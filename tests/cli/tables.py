#!/usr/bin/env python3
"""Recomputes the accuracies of a results folder from the texts of pairs and predictions, in plain Python.

usage: tables.py RESULTS PLAN

BLEU-1 of each prediction, the mean of each evaluation, and from these table2.csv, comparison.csv and
fall.csv with their means over seeds and 95 % t intervals, whose quantiles come from integrating the
density. Nothing is shared with the program. Prints what differs by more than 1e-6 (tables print percent
with four decimals: by more than that) and exits 1 then, or says how much was compared.
"""
import collections
import csv
import math
import sqlite3
import sys

folder, plan = sys.argv[1:]
db = sqlite3.connect(f'file:{folder}/store.db?mode=ro', uri=True)
n_compared, n_differ = 0, 0


def same(name, got, wanted, epsilon=1e-6):
    global n_compared, n_differ
    n_compared += 1
    if (got is None) != (wanted is None) or (got is not None and abs(got - wanted) > epsilon):
        n_differ += 1
        if n_differ <= 20:
            print(f'{name}: got {got}, computed {wanted}')


def bleu1(target, output):
    target, output = target.split(), output.split()
    if not output:
        return 0
    counts = collections.Counter(target)
    hits = sum(min(n, counts[word]) for word, n in collections.Counter(output).items())
    return hits / len(output) * min(1, math.exp(1 - len(target) / len(output)))


def quantile(df):
    """x with P(|T| <= x) = 0.95, T of Student's distribution: Simpson's rule, then bisection."""
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)

    def within(x, n=4000):  # t = sqrt(df) tan(a) makes the integrand smooth and its range short
        end = math.atan(x / math.sqrt(df))
        f = [math.cos(end * i / n) ** (df - 1) for i in range(n + 1)]
        return 2 * scale * math.sqrt(df) * end / n / 3 * (f[0] + f[-1] + 4 * sum(f[1:-1:2]) + 2 * sum(f[2:-1:2]))

    low, high = 0, 1000
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < .95 else (low, middle)
    return low


t95 = {}


def summary(values):
    n = len(values)
    mean = sum(values) / n
    if n == 1:
        return mean, None, None
    if n not in t95:
        t95[n] = quantile(n - 1)
    half = t95[n] * math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    return mean, mean - half, mean + half


# ---- accuracies -------------------------------------------------------------

accuracy = {}  # (variant, method, protocol, context, split, condition) -> seed -> its own, that of copying
tested = {}
for *place, seed, model, pair_set in db.execute(
        'SELECT variant, method, protocol, context, split, condition, seed, model_id, pair_set_id FROM trial'
        ' WHERE plan = ?', [plan]):
    if (model, pair_set) not in tested:
        own, copied = [], []
        for source, target, output, stored in db.execute(
                'SELECT source, target, output, bleu1 FROM prediction JOIN pair USING (pair_id)'
                ' JOIN pair_text USING (pair_id) WHERE model_id = ? AND pair_set_id = ?', [model, pair_set]):
            own.append(bleu1(target, output))
            copied.append(bleu1(target, source))
            same(f'bleu1 of model {model}', stored, own[-1])
        tested[model, pair_set] = sum(own) / len(own), sum(copied) / len(copied)
        stored = db.execute('SELECT accuracy, copy_baseline, n_pair FROM evaluation'
                            ' WHERE model_id = ? AND pair_set_id = ?', [model, pair_set]).fetchone()
        for name, a, b in zip(('accuracy', 'copying', 'pairs'), stored, (*tested[model, pair_set], len(own))):
            same(f'{name} of model {model}', a, b)
    accuracy.setdefault(tuple(place), {})[seed] = tested[model, pair_set]


# ---- tables -----------------------------------------------------------------

def rows(name):
    with open(f'{folder}/{name}.csv', newline='') as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else None


def percents(place, which=0):
    """Of each seed, ascending."""
    return [100 * accuracy[place][seed][which] for seed in sorted(accuracy[place])]


def check_row(name, row, columns, values):
    for column, value in zip(columns, values):
        same(f'{name} {column}', number(row[column]), value, 5.1e-5)


n_row = 0
for row in rows('table2'):
    place = '', 'network', row['protocol'], row['context'], row['split'], row['condition']
    own = percents(place)
    check_row(f'table2 {place}', row,
              ('n_seed', 'accuracy_mean', 'accuracy_ci_low', 'accuracy_ci_high', 'accuracy_min', 'accuracy_max',
               'copy_baseline'),
              (len(own), *summary(own), min(own), max(own), summary(percents(place, 1))[0]))
    n_row += 1
for row in rows('comparison'):
    place = ('' if row['variant'] == 'default' else row['variant'], *(row[c] for c in (
        'method', 'protocol', 'context', 'split')))
    without, attacked = percents((*place, 'without')), percents((*place, 'with'))
    copied = [a - b for a, b in zip(percents((*place, 'without'), 1), percents((*place, 'with'), 1))]
    for what, values in (('without', without), ('with', attacked),
                         ('fall', [a - b for a, b in zip(without, attacked)])):
        check_row(f'comparison {place}', row, (f'{what}_mean', f'{what}_ci_low', f'{what}_ci_high'), summary(values))
    check_row(f'comparison {place}', row, ('n_seed', 'copy_fall_mean'), (len(without), summary(copied)[0]))
    n_row += 1
for row in rows('fall'):
    place = '', 'network', row['protocol'], row['context'], row['split']
    (a, copy_a), (b, copy_b) = (accuracy[(*place, c)][int(row['seed'])] for c in ('without', 'with'))
    check_row(f'fall {place}', row, ('without', 'with', 'fall', 'copy_fall', 'beyond_copying'),
              [100 * x for x in (a, b, a - b, copy_a - copy_b, a - b - copy_a + copy_b)])
    n_row += 1

print(f'{n_compared} compared in {n_row} rows, {n_differ} differ')
sys.exit(n_differ > 0 or n_row == 0)
