#!/usr/bin/env python3
"""Looks for what must not be in the messages of a federation, knowing nothing of the program.

    federate.py sentences STORE FILE...   a sentence of any pair set of the store, or three words of
                                          one in a row, however they are separated
    federate.py words STORE FILE...       a word of four letters or more
    federate.py members FILE...           prints kind and members of each message

Exit status 1, with the first find, when there is one; 2 without files.
"""
import json
import re
import sqlite3
import struct
import sys


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


def main(what, *paths):
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
