"""A chain of bicycle workshops in SQLite: the same data every time."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SEED = 1819

DDL = """
CREATE TABLE workshops (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, bays INTEGER NOT NULL);
CREATE TABLE mechanics (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    workshop_id INTEGER NOT NULL REFERENCES workshops (id), supervisor_id INTEGER REFERENCES mechanics (id),
    hired_on DATE NOT NULL, hourly_rate DECIMAL(6, 2) NOT NULL
);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT, phone TEXT,
    city TEXT NOT NULL, registered_on DATE NOT NULL
);
CREATE TABLE bikes (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), brand TEXT NOT NULL,
    kind TEXT NOT NULL, frame_number TEXT NOT NULL, model_year INTEGER
);
CREATE TABLE repairs (
    id INTEGER PRIMARY KEY, bike_id INTEGER NOT NULL REFERENCES bikes (id),
    workshop_id INTEGER NOT NULL REFERENCES workshops (id), received_by INTEGER NOT NULL REFERENCES mechanics (id),
    repaired_by INTEGER REFERENCES mechanics (id), status TEXT NOT NULL, brought_in_on DATE NOT NULL,
    finished_on DATE, labour_hours REAL, price DECIMAL(8, 2)
);
CREATE TABLE parts (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, supplier TEXT NOT NULL,
    unit_price DECIMAL(8, 2) NOT NULL, stock INTEGER NOT NULL
);
CREATE TABLE repair_parts (
    repair_id INTEGER NOT NULL REFERENCES repairs (id), part_id INTEGER NOT NULL REFERENCES parts (id),
    quantity INTEGER NOT NULL, PRIMARY KEY (repair_id, part_id)
);
"""

WORKSHOPS = (
    ("Harbourside Cycles", "Bristol", 6),
    ("Spa Wheels", "Bath", 3),
    ("Taff Bikes", "Cardiff", 4),
    ("Cathedral Spokes", "Gloucester", 2),
)
# First and last name, number of the workshop, number of the supervisor, day of hiring, rate.
MECHANICS = (
    ("Hannah", "Okafor", 1, None, "2012-03-05", 31.5),
    ("Marek", "Nowak", 1, 1, "2015-06-15", 26.0),
    ("Leo", "Castellani", 1, 1, "2018-02-01", 24.0),
    ("Jodie", "Pearce", 1, 2, "2021-09-13", 19.5),
    ("Tariq", "Aziz", 1, 2, "2023-04-24", 17.0),
    ("Gwen", "Morris", 2, None, "2014-10-20", 29.0),
    ("Oscar", "Lindqvist", 2, 6, "2019-05-07", 22.5),
    ("Billie", "Tanner", 2, 6, "2022-01-17", 18.5),
    ("Rhys", "Evans", 3, None, "2011-08-29", 32.0),
    ("Carys", "Bowen", 3, 9, "2016-11-14", 25.5),
    ("Ifan", "Llewellyn", 3, 9, "2020-03-02", 21.0),
    ("Nia", "Price", 3, 10, "2024-02-12", 16.5),
    ("Dominic", "Shaw", 4, None, "2017-07-03", 27.5),
    ("Priya", "Raman", 4, 13, "2020-10-05", 20.5),
    ("Stuart", "Kemp", 4, 13, "2023-08-21", 17.5),
)
FIRST_NAMES = (
    *("Alice", "Ben", "Catrin", "Dev", "Eleanor", "Finn", "Grace", "Hugo", "Isla", "Jamal"),
    *("Kirsty", "Liam", "Maud", "Nathan", "Orla", "Paul", "Rachel", "Simon", "Tilly", "Umar"),
)
LAST_NAMES = (
    *("Fielding", "Harris", "Griffiths", "Patel", "Cole", "Barker", "Stone", "Webb", "Merrick", "Hussain"),
    *("Ellis", "Gallagher", "Parry", "Doran", "Nash", "Wheeler", "Tolley", "Frost", "Vaughan", "Ibrahim"),
)
CITIES = (
    "Bristol",
    "Bristol",
    "Bristol",
    "Bath",
    "Bath",
    "Cardiff",
    "Cardiff",
    "Gloucester",
    "Newport",
    "Cheltenham",
)
BRANDS = ("Trek", "Trek", "Giant", "Giant", "Specialized", "Brompton", "Cube", "Ribble")
KINDS = ("road", "road", "city", "city", "city", "mountain", "mountain", "cargo", "electric")
# Name, category, supplier, price, stock.
PARTS = (
    ("Chain 11-speed", "drivetrain", "Shimano", 27.99, 34),
    ("Chain 12-speed", "drivetrain", "SRAM", 38.5, 18),
    ("Cassette 11-32", "drivetrain", "Shimano", 49.99, 12),
    ("Cassette 10-50", "drivetrain", "SRAM", 94.0, 5),
    ("Rear derailleur", "drivetrain", "Shimano", 64.99, 7),
    ("Crankset", "drivetrain", "SRAM", 139.0, 3),
    ("Bottom bracket", "drivetrain", "Shimano", 22.5, 16),
    ("Brake pads", "brakes", "Shimano", 12.99, 60),
    ("Disc rotor 160 mm", "brakes", "Shimano", 24.0, 22),
    ("Brake cable", "brakes", "Jagwire", 6.5, 85),
    ("Hydraulic hose", "brakes", "Jagwire", 18.0, 14),
    ("Brake lever", "brakes", "SRAM", 42.0, 6),
    ("Gear cable", "drivetrain", "Jagwire", 5.99, 90),
    ("Tyre 700x28", "wheels", "Continental", 34.95, 28),
    ("Tyre 29x2.3", "wheels", "Continental", 44.95, 15),
    ("Tyre 20 inch", "wheels", "Schwalbe", 29.5, 11),
    ("Inner tube", "wheels", "Schwalbe", 5.5, 140),
    ("Spoke", "wheels", "DT Swiss", 1.2, 400),
    ("Rim 32-hole", "wheels", "DT Swiss", 58.0, 9),
    ("Front hub", "wheels", "DT Swiss", 79.0, 4),
    ("Leather saddle", "contact", "Brooks", 115.0, 6),
    ("Handlebar tape", "contact", "Brooks", 26.0, 13),
    ("Pedals", "contact", "Shimano", 36.0, 19),
    ("Headlight", "electrics", "Busch & Müller", 54.9, 10),
    ("E-bike battery", "electrics", "Bosch", 489.0, 2),
)
STATUSES = (*("done",) * 13, "waiting", "waiting", "waiting", "in progress", "in progress", "cancelled", "cancelled")
CUSTOMERS, BIKES, REPAIRS = 50, 75, 130
NEVER_REPAIRED = 6
"""The last bikes, which were never brought in."""


def create(path: Path) -> None:
    """Write the database into a new file."""
    rng = random.Random(SEED)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(DDL)
        for table, rows in _tables(rng).items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _tables(rng: random.Random) -> dict[str, list[tuple[Any, ...]]]:
    repairs = _numbered(sorted((_repair(rng) for _ in range(REPAIRS)), key=lambda repair: repair[5]))
    return {
        "workshops": _numbered(WORKSHOPS),
        "mechanics": _numbered(MECHANICS),
        "customers": _numbered(_customer(rng, number) for number in range(CUSTOMERS)),
        "bikes": _numbered(_bike(rng) for _ in range(BIKES)),
        "repairs": repairs,
        "parts": _numbered(PARTS),
        "repair_parts": [line for repair in repairs for line in _lines(rng, repair)],
    }


def _numbered(rows: Any) -> list[tuple[Any, ...]]:
    return [(number, *row) for number, row in enumerate(rows, 1)]


def _customer(rng: random.Random, number: int) -> tuple[Any, ...]:
    first, last = FIRST_NAMES[number % 20], LAST_NAMES[(number + 3 * (number // 20)) % 20]
    email = f"{first}.{last}@post.example".lower() if rng.random() < 0.8 else None
    phone = f"07700 900{_below(rng, 1000):03}" if rng.random() < 0.7 else None
    registered = dt.date(2019, 3, 1) + dt.timedelta(_below(rng, 2000))
    return first, last, email, phone, CITIES[_below(rng, len(CITIES))], registered.isoformat()


def _bike(rng: random.Random) -> tuple[Any, ...]:
    # To the power of 1.5, so that some have several.
    owner = int(CUSTOMERS * rng.random() ** 1.5) + 1
    brand, kind = BRANDS[_below(rng, len(BRANDS))], KINDS[_below(rng, len(KINDS))]
    kind = "folding" if brand == "Brompton" else kind
    frame = f"{brand[:2].upper()}{_below(rng, 1_000_000):06}"
    return owner, brand, kind, frame, 2012 + _below(rng, 13) if rng.random() < 0.9 else None


def _repair(rng: random.Random) -> tuple[Any, ...]:
    bike, workshop = _below(rng, BIKES - NEVER_REPAIRED) + 1, _below(rng, len(WORKSHOPS)) + 1
    staff = [number for number, mechanic in enumerate(MECHANICS, 1) if mechanic[2] == workshop]
    receiver, repairer = staff[_below(rng, len(staff))], staff[_below(rng, len(staff))]
    status, day = STATUSES[_below(rng, len(STATUSES))], dt.date(2023, 2, 1) + dt.timedelta(_below(rng, 640))
    hours = 0.5 * (1 + _below(rng, 9))
    if status == "done":
        finished = (day + dt.timedelta(1 + _below(rng, 12))).isoformat()
        price = 15.0 + 32 * hours + 5 * _below(rng, 12)
        return bike, workshop, receiver, repairer, status, day.isoformat(), finished, hours, price
    started = repairer if status == "in progress" else None
    return bike, workshop, receiver, started, status, day.isoformat(), None, None, None


def _lines(rng: random.Random, repair: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if repair[5] not in {"done", "in progress"}:
        return []
    used = {_below(rng, len(PARTS)) + 1 for _ in range(_below(rng, 4))}
    return [(repair[0], part, 1 + _below(rng, 3)) for part in sorted(used)]


def _below(rng: random.Random, end: int) -> int:
    """Return a number from 0 on: of `random`, only `random()` gives the same in every version of Python."""
    return int(end * rng.random())
