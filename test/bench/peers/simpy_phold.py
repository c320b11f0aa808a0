"""PHOLD on SimPy in its fastest style: a Timeout with a callback. Same work as kernel-work.ts."""
import json
import sys
import time
from array import array

import simpy


def main(path, events, check_at):
    table = array("i")
    with open(path, "rb") as file:
        table.fromfile(file, 65536)
    env = simpy.Environment()
    stop = env.event()
    state = {"cursor": 4000, "lcg": 12345, "sum": 0, "n": 0, "checked": (0, 0)}

    def fire(event):
        kind, lp, b = event._value
        state["sum"] = (state["sum"] * 31 + lp + kind) & 0xFFFFFFFF
        state["lcg"] = x = (state["lcg"] * 1664525 + 1013904223) & 0xFFFFFFFF
        r = x >> 16
        delay = 100000 + table[state["cursor"] & 65535]
        state["cursor"] += 1
        simpy.Timeout(env, delay, (r & 15, r % 1000, b)).callbacks.append(fire)
        state["n"] += 1
        if state["n"] == check_at:
            state["checked"] = (env.now, state["sum"])
        if state["n"] == events:
            stop.succeed()

    for i in range(4000):
        lp = i // 4
        simpy.Timeout(env, table[i], (lp & 15, lp, i % 4)).callbacks.append(fire)
    started = time.process_time()
    env.run(until=stop)
    seconds = time.process_time() - started
    at, checked = state["checked"]
    print(json.dumps({"events": events, "seconds": seconds, "now": env.now, "checksum": state["sum"],
                      "checkedAt": at, "checked": checked, "pending": 4000}))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
