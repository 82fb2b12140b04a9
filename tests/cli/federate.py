#!/usr/bin/env python3
"""Looks for what must not be in the messages of a federation, knowing nothing of the program.

    federate.py sentences STORE FILE...   a sentence of any pair set of the store, or three words of
                                          one in a row, however they are separated
    federate.py words STORE FILE...       a word of four letters or more
    federate.py members FILE...           prints kind and members of each message
    federate.py averages FOLDER           averages the answers of each round itself, and prints in how
                                          many of them it gets the weights of the next question, to
                                          the bit
    federate.py gateway FOLDER G WHAT...  is gateway G of a folder: a network that learns nothing, and
                                          sends in each round WHAT: fine (also in those that follow),
                                          cut, shape, nan, round, more (members), or none

Exit status 1, with the first find, when there is one; 2 without files.
"""
import json
import os
import re
import sqlite3
import struct
import sys
import time


def header(data):
    (n,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + n])


def sentences(store):
    texts = {text for (text,) in sqlite3.connect(store).execute("SELECT text FROM sentence")}
    assert texts
    return texts


def find_sentences(store, data):
    """Any three consecutive words, between blanks, or as neighbours in a JSON list."""
    runs = set()
    for text in sentences(store):
        words = text.split(" ")
        runs.update(tuple(words[i : i + 3]) for i in range(len(words) - 2))
    text = data.decode("latin-1")
    for words in runs:
        for separator in (" ", ",", '","', '\\",\\"', '", "', "\n", "\0"):
            if separator.join(words) in text:
                return separator.join(words)
    return None


def find_words(store, data):
    words = {word for text in sentences(store) for word in text.split(" ")}
    for word in words:
        if re.search("[A-Za-z]{4}", word) and word.encode() in data:
            return word
    tokens = set(re.findall(r"[^\s\"\\\[\]{},:]+", json.dumps(header(data))))
    long = {word for word in words if len(word) >= 4 and not re.fullmatch(r"-?\d+", word)}
    found = tokens & long
    return min(found) if found else None


def print_members(data):
    message = json.loads(header(data)["__metadata__"]["message"])
    tensors = sorted(set(header(data)) - {"__metadata__"})
    print(message["kind"] + ":", *sorted(message), *tensors)


def read_message(path):
    """Members, and weights as numbers."""
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    weights = struct.unpack(f"<{(len(data) - begin) // 4}f", data[begin:])
    return json.loads(header(data)["__metadata__"]["message"]), weights


def print_averages(folder):
    rounds, updates = {}, {}
    for name in os.listdir(folder):
        members, weights = read_message(f"{folder}/{name}")
        if members["kind"] == "round":
            rounds[members["round"]] = weights
        elif members["kind"] == "update" and weights:
            updates.setdefault(members["round"], []).append((members["gateway"], members["n_pair"], weights))
    n_same = 0
    for number, answers in updates.items():
        answers.sort()
        total = sum(n_pair for _, n_pair, _ in answers)
        mean = [sum(n * w for (_, n, _), w in zip(answers, column)) / total
                for column in zip(*(weights for _, _, weights in answers))]
        n_same += struct.pack(f"<{len(mean)}f", *mean) == struct.pack(f"<{len(mean)}f", *rounds[number + 1])
    print(f"{n_same} of {len(updates)}")


def encode(members, weights=b""):
    tensor = {"dtype": "F32", "shape": [len(weights) // 4], "data_offsets": [0, len(weights)]}
    top = {"__metadata__": {"message": json.dumps(members)}}
    text = json.dumps(top | ({"weights": tensor} if weights else {})).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + weights


def reply(gateway, question, data, what):
    """The answer to a question; data is what came with it, the weights."""
    members = {"session": question["session"], "number": question["number"], "gateway": gateway}
    if question["kind"] == "invite":
        digest = "0" * 64
        more = {"n_pair": 5, "pairs_sha256": digest, "isa": "none", "hash_key": "", "words": ["r", "s"]}
        return encode(members | more | {"kind": "words"})
    if question["kind"] == "plan":
        return encode(members | {"kind": "ready"})
    members |= {"kind": "update", "round": question["round"], "n_pair": 5, "accuracy": None}
    if question["finished"]:
        return encode(members | {"n_iteration": 0, "loss": None})
    members |= {"n_iteration": 10, "loss": 1.5}
    if what == "round":
        members["round"] += 1
    if what == "more":
        members["text"] = "r 12 AGT"
    if what == "shape":
        data = data[:12]
    if what == "nan":
        data = data[:-4] + struct.pack("<f", float("nan"))
    answer = encode(members, data)
    return answer[:-8] if what == "cut" else answer


def serve(folder, gateway, *whats):
    """Answers questions until the model is finished; the folder is looked at ever again."""
    last = None
    while True:
        names = sorted(name for name in os.listdir(folder) if re.fullmatch(r"federate-.{8}-\d{7}-question", name))
        if not names or names[-1] == last:
            time.sleep(0.005)
            continue
        last = names[-1]
        try:
            with open(f"{folder}/{last}", "rb") as file:
                data = file.read()
        except FileNotFoundError:
            continue
        question = json.loads(header(data)["__metadata__"]["message"])
        begin = 8 + struct.unpack("<Q", data[:8])[0]
        what = (whats[question["round"] - 1 :] or ("fine",))[0] if question["kind"] == "round" else "fine"
        if what == "none":
            continue
        path = f"{folder}/{last.replace('question', 'answer')}-{gateway}"
        with open(path + ".new", "wb") as file:
            file.write(reply(int(gateway), question, data[begin:], what))
        os.rename(path + ".new", path)
        if question.get("finished"):
            return 0


def main(what, *paths):
    if what == "averages":
        return print_averages(*paths)
    if what == "gateway":
        return serve(*paths)
    store, files = (None, paths) if what == "members" else (paths[0], paths[1:])
    if not files:
        return 2
    for path in files:
        with open(path, "rb") as file:
            data = file.read()
        if what == "members":
            print_members(data)
            continue
        found = (find_sentences if what == "sentences" else find_words)(store, data)
        if found:
            print(f"{path}: {found!r}")
            return 1
    return 0


sys.exit(main(*sys.argv[1:]))
