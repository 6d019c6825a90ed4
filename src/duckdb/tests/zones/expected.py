#!/usr/bin/env python3
"""Writes what Python's zoneinfo says of instants around every change of offset from 1970 to 2040.

usage: expected.py FILE ZONE...

FILE gets a line for each zone and instant: zone, the instant in microseconds since 1970, the local date, the
instant at which the local hour began by its minutes and seconds, and the first instant of the local date.
"""

import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = 86400
BEGIN = 0
END = int(datetime(2041, 1, 1, tzinfo=timezone.utc).timestamp())
AROUND = [
    -DAY, -7201, -7200, -5400, -3601, -3600, -1801, -1800, -1, 0, 1,
    1799, 1800, 3599, 3600, 5399, 5400, 7199, 7200, 7201, DAY,
]


def local(zone, at):
    return datetime.fromtimestamp(at, zone)


def offset(zone, at):
    return local(zone, at).utcoffset()


def changes(zone):
    """The instants at which the offset changes. Looks at every 12 hours, and halves."""
    found = []
    before = offset(zone, BEGIN)
    for at in range(BEGIN, END, DAY // 2):
        after = offset(zone, at + DAY // 2)
        if after != before:
            low, high = at, at + DAY // 2
            while high - low > 1:
                middle = (low + high) // 2
                if offset(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            found.append(high)
        before = after
    return found


def first_instant(zone, date, at):
    """The first instant of a local date that has one: by halving, from two days before."""
    midnight = datetime(date.year, date.month, date.day)
    fold = midnight.replace(tzinfo=zone, fold=0)
    begin = int(fold.timestamp())
    if local(zone, begin).date() == date and local(zone, begin).replace(tzinfo=None) == midnight:
        return begin
    low, high = at - 2 * DAY, at
    while high - low > 1:
        middle = (low + high) // 2
        if local(zone, middle).date() < date:
            low = middle
        else:
            high = middle
    return high


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        for name in sys.argv[2:]:
            zone = ZoneInfo(name)
            instants = {at + around for at in changes(zone) for around in AROUND}
            instants |= {BEGIN, 86399, END - 1, 951782400}
            for at in sorted(instants):
                there = local(zone, at)
                hour = at - there.minute * 60 - there.second
                first = first_instant(zone, there.date(), at)
                million = 1_000_000
                out.write(f"{name},{at * million},{there.date()},{hour * million},{first * million}\n")


main()
