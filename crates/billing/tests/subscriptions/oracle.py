"""The calendar and the prices of subscriptions once more, from Python's own calendar, zones and decimals.

    oracle.py periods MONTHS PART ZONE   each anchor of a leap year, in the year before it too: all of them, or those
                                         of every PART-th month, others for each zone
    oracle.py seats CASES SEED         random lines, split somewhere

Prints a line for each case: what is given, then what comes out.
"""

import calendar
import random
import sys
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

# Awkward times of day: at the last microsecond it is another day in most zones.
TIMES = [(0, 0, 0, 0), (23, 59, 59, 999999), (12, 30, 0, 0)]
LENGTHS = {"monthly": 1, "yearly": 12}


def utc(moment):
    text = moment.astimezone(timezone.utc).isoformat()
    text = text.replace("+00:00", "")
    return (text.rstrip("0") if "." in text else text) + "Z"


def anchors(zone, part):
    for year in (2028,) if part > 1 else (2027, 2028):
        for month in range(1 + sum(zone.encode()) % part, 13, part):
            for day in range(1, calendar.monthrange(year, month)[1] + 1):
                yield datetime(year, month, day, *TIMES[day % 3], tzinfo=ZoneInfo(zone))


def periods(months, part, zone):
    for local in anchors(zone, int(part)):
        anchor = local.astimezone(timezone.utc)
        for cadence, length in LENGTHS.items():
            for n in range(int(months) // length):
                start = anchor + relativedelta(months=n * length)
                end = anchor + relativedelta(months=(n + 1) * length)
                inside = start + (end - start) * ((n * 37 + local.day) % 101) // 101
                days = (end.date() - start.date()).days
                left = (end.date() - inside.date()).days
                print(local.isoformat(), cadence, n, utc(inside), utc(start), utc(end), days, left)


def cents(fraction):
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def seats(cases, seed):
    dice = random.Random(int(seed))
    for _ in range(int(cases)):
        start = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=dice.randrange(0, 12 * 366 * 86400))
        end = start + relativedelta(months=dice.choice([1, 12]))
        at = start + timedelta(seconds=dice.randrange(0, int((end - start).total_seconds())))
        price = Decimal(dice.randrange(1, 10 ** dice.randrange(1, 7))) / 100
        count = dice.randrange(1, 10 ** dice.randrange(1, 5))
        share = Fraction((end.date() - at.date()).days, (end.date() - start.date()).days)
        print(utc(start), utc(end), utc(at), price, count, cents(Fraction(price) * count * share))


if __name__ == "__main__":
    {"periods": periods, "seats": seats}[sys.argv[1]](*sys.argv[2:])
