#!/usr/bin/env python3
"""Makes a long recording out of a short one, to measure how fast the window opens, draws and scrubs it.

    plateau run icl-quick --steps 200 --out short.plateau
    tests/bench/large_recording.py short.plateau long.plateau
    plateau gui long.plateau        # the log says how long frames took

The training curves get a value at each step, the others one every EVERY steps; arrays and members are those of
the short one. The values are a falling curve with noise: nothing was trained.
"""
import argparse
import os
import random
import shutil
import sqlite3
import sys

PER_STEP = ("loss/train", "accuracy/train")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("short")
    parser.add_argument("long")
    parser.add_argument("--members", type=int, default=10)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--metrics", type=int, default=30, help="of each member")
    return parser.parse_args()


def main():
    wanted = arguments()
    if os.path.exists(wanted.long):
        sys.exit(f"'{wanted.long}' exists already")
    shutil.copy(wanted.short, wanted.long)
    database = sqlite3.connect(wanted.long)
    database.execute("PRAGMA synchronous = OFF")
    old_steps = database.execute("SELECT max(step) FROM sample").fetchone()[0]
    database.execute("DELETE FROM sample")
    database.execute("DELETE FROM checkpoint")
    members = [row[0] for row in database.execute("SELECT id FROM member ORDER BY id")]
    for member in members[wanted.members:]:
        for table, column in (("member", "id"), ("metric", "member"), ("frame", "member"), ("event", "member")):
            database.execute(f"DELETE FROM {table} WHERE {column} = ?", (member,))
    names = [row[0] for row in database.execute("SELECT DISTINCT name FROM metric ORDER BY name")]
    first = [name for name in names if name.startswith(("loss/", "accuracy/"))]
    kept = (first + [name for name in names if name not in first])[:wanted.metrics]
    database.execute(f"DELETE FROM metric WHERE name NOT IN ({','.join('?' * len(kept))})", kept)
    scale = wanted.steps // max(1, old_steps)
    database.execute("UPDATE event SET step = step * ?", (scale,))
    # By way of negative steps, so that no two meet on the way.
    database.execute("UPDATE frame SET step = -step * ?", (scale,))
    database.execute("UPDATE frame SET step = -step")
    database.execute("UPDATE run SET value = ? WHERE key = 'planned_steps'", (wanted.steps,))
    random.seed(1)
    noise = [random.gauss(0, 0.1) for _ in range(1 << 16)]
    points = 0
    for metric, name in list(database.execute("SELECT id, name FROM metric ORDER BY id")):
        steps = range(0, wanted.steps + 1, 1 if name in PER_STEP else wanted.every)
        database.executemany(
            "INSERT INTO sample VALUES(?, ?, ?)",
            ((metric, step, 1 / (1 + step / 2e5) + noise[(step * 7 + metric) & 0xFFFF]) for step in steps))
        points += len(steps)
    database.commit()
    database.close()
    print(f"{wanted.long}: {min(wanted.members, len(members))} members, {len(kept)} metrics, {points} points, "
          f"{os.path.getsize(wanted.long) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
