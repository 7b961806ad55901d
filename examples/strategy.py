#!/usr/bin/env python3
"""A strategy with no opinion: enters, holds for some seconds, closes. Shows how to speak to Reckon's API.

    reckon run --venue embedded
    python3 examples/strategy.py --symbol BTCUSDT --rounds 3
"""

import argparse
import json
import time
import urllib.error
import urllib.request
import uuid


def call(base, method, path, body=None, token=None):
    """One request; returns the status and the JSON document, also for refusals."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(base + path, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def submit(base, token, intent):
    """Submits until there is an answer: the key makes repeating safe."""
    while True:
        try:
            status, answer = call(base, "POST", "/v1/intents", intent, token)
        except OSError as trouble:
            print("no answer:", trouble)
            time.sleep(1)
            continue
        if status != 503:
            return status, answer
        print("later:", answer["error"]["message"])
        time.sleep(1)


def wait(base, token, intent_id):
    """Waits for an intent's end."""
    while True:
        try:
            _, story = call(base, "GET", "/v1/intents/" + intent_id, token=token)
        except OSError as trouble:
            print("no answer:", trouble)
            time.sleep(1)
            continue
        if story["state"] != "open":
            return story
        time.sleep(0.2)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--api", default="http://127.0.0.1:8787")
    options.add_argument("--token-file")
    options.add_argument("--symbol", default="BTCUSDT")
    options.add_argument("--notional", default="300")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--hold", type=float, default=3)
    given = options.parse_args()
    token = None
    if given.token_file:
        with open(given.token_file, encoding="utf-8") as file:
            token = file.read().strip()
    for number in range(given.rounds):
        side = "buy" if number % 2 == 0 else "sell"
        key = "example-" + uuid.uuid4().hex
        status, answer = submit(given.api, token, {
            "key": key, "kind": "entry", "symbol": given.symbol, "side": side, "type": "market",
            "notional_usdt": given.notional, "confidence": 0.9, "stop": {"distance_bps": 150},
        })
        if status != 202:
            print("refused:", answer["error"]["message"])
            time.sleep(2)
            continue
        story = wait(given.api, token, answer["intent_id"])
        print(side, given.symbol, story["state"], story["executed"])
        time.sleep(given.hold)
        status, answer = submit(given.api, token, {
            "key": key + "-close", "kind": "exit", "symbol": given.symbol, "close": True,
        })
        if status == 202:
            print("close", given.symbol, wait(given.api, token, answer["intent_id"])["state"])
        else:
            print("refused:", answer["error"]["message"])


if __name__ == "__main__":
    main()
