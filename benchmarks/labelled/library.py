"""A public library in SQLite: the same data every time."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SEED = 1900

DDL = """
CREATE TABLE branches (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, opened_on DATE NOT NULL, phone TEXT
);
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, born_year INTEGER);
CREATE TABLE books (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES authors (id),
    genre TEXT NOT NULL, language TEXT NOT NULL, published_year INTEGER, pages INTEGER NOT NULL
);
CREATE TABLE members (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT NOT NULL, category TEXT NOT NULL,
    active BOOLEAN NOT NULL, joined_on DATE NOT NULL, home_branch_id INTEGER REFERENCES branches (id),
    referred_by INTEGER REFERENCES members (id)
);
CREATE TABLE loans (
    id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books (id),
    member_id INTEGER NOT NULL REFERENCES members (id),
    pickup_branch_id INTEGER NOT NULL REFERENCES branches (id), return_branch_id INTEGER REFERENCES branches (id),
    loaned_on DATE NOT NULL, due_on DATE NOT NULL, returned_on DATE
);
CREATE TABLE fines (
    id INTEGER PRIMARY KEY, loan_id INTEGER NOT NULL REFERENCES loans (id), amount DECIMAL(8, 2) NOT NULL,
    reason TEXT NOT NULL, paid_on DATE
);
"""

BRANCHES = (
    ("Central", "Leeds", "1961-04-12", "0113 496 0100"),
    ("Riverside", "Leeds", "1998-09-01", "0113 496 0177"),
    ("Minster", "York", "1974-06-20", "01904 496 020"),
    ("Foundry", "Sheffield", "2006-03-15", None),
    ("Old Mill", "Bradford", "1983-11-05", "01274 496 033"),
    ("Station", "Sheffield", "2019-02-11", "0114 496 0912"),
)
AUTHORS = (
    ("Margaret Atwood", "Canada", 1939),
    ("Jane Austen", "United Kingdom", 1775),
    ("Frank Herbert", "United States", 1920),
    ("Ursula K. Le Guin", "United States", 1929),
    ("Agatha Christie", "United Kingdom", 1890),
    ("Georges Simenon", "Belgium", 1903),
    ("Albert Camus", "France", 1913),
    ("Annie Ernaux", "France", 1940),
    ("Isabel Allende", "Chile", 1942),
    ("Gabriel García Márquez", "Colombia", 1927),
    ("Italo Calvino", "Italy", 1923),
    ("Elena Ferrante", "Italy", None),
    ("José Saramago", "Portugal", 1922),
    ("Hermann Hesse", "Germany", 1877),
    ("Michael Ende", "Germany", 1929),
    ("Haruki Murakami", "Japan", 1949),
    ("Mary Beard", "United Kingdom", 1955),
    ("Seamus Heaney", "Ireland", 1939),
    ("Roald Dahl", "United Kingdom", 1916),
)
# Title, number of the author, genre, language, year, pages.
BOOKS = (
    ("The Handmaid's Tale", 1, "science fiction", "English", 1985, 311),
    ("Alias Grace", 1, "novel", "English", 1996, 470),
    ("The Blind Assassin", 1, "novel", "English", 2000, 521),
    ("Oryx and Crake", 1, "science fiction", "English", 2003, 374),
    ("Pride and Prejudice", 2, "novel", "English", 1813, 432),
    ("Emma", 2, "novel", "English", 1815, 474),
    ("Persuasion", 2, "novel", "English", 1817, 249),
    ("Dune", 3, "science fiction", "English", 1965, 612),
    ("Dune Messiah", 3, "science fiction", "English", 1969, 256),
    ("The Left Hand of Darkness", 4, "science fiction", "English", 1969, 304),
    ("The Dispossessed", 4, "science fiction", "English", 1974, 387),
    ("A Wizard of Earthsea", 4, "children", "English", 1968, 205),
    ("Murder on the Orient Express", 5, "crime", "English", 1934, 265),
    ("Death on the Nile", 5, "crime", "English", 1937, 333),
    ("And Then There Were None", 5, "crime", "English", 1939, 272),
    ("The Murder of Roger Ackroyd", 5, "crime", "English", 1926, 312),
    ("Le Chien jaune", 6, "crime", "French", 1931, 190),
    ("Pietr-le-Letton", 6, "crime", "French", 1931, 187),
    ("La Nuit du carrefour", 6, "crime", "French", 1931, 182),
    ("L'Étranger", 7, "novel", "French", 1942, 159),
    ("La Peste", 7, "novel", "French", 1947, 336),
    ("Les Années", 8, "novel", "French", 2008, 242),
    ("La Place", 8, "novel", "French", 1983, 114),
    ("La casa de los espíritus", 9, "novel", "Spanish", 1982, 453),
    ("Eva Luna", 9, "novel", "Spanish", 1987, 307),
    ("Cien años de soledad", 10, "novel", "Spanish", 1967, 471),
    ("El amor en los tiempos del cólera", 10, "novel", "Spanish", 1985, 461),
    ("Crónica de una muerte anunciada", 10, "crime", "Spanish", 1981, 122),
    ("Le città invisibili", 11, "novel", "Italian", 1972, 165),
    ("Il barone rampante", 11, "novel", "Italian", 1957, 274),
    ("L'amica geniale", 12, "novel", "Italian", 2011, 331),
    ("Ensaio sobre a cegueira", 13, "novel", "Portuguese", 1995, 310),
    ("O Ano da Morte de Ricardo Reis", 13, "novel", "Portuguese", 1984, 415),
    ("Siddhartha", 14, "novel", "German", 1922, 152),
    ("Der Steppenwolf", 14, "novel", "German", 1927, 237),
    ("Das Glasperlenspiel", 14, "novel", "German", 1943, 558),
    ("Momo", 15, "children", "German", 1973, 303),
    ("Die unendliche Geschichte", 15, "children", "German", 1979, 428),
    ("Kafka on the Shore", 16, "novel", "English", 2002, 505),
    ("Norwegian Wood", 16, "novel", "English", 1987, 296),
    ("1Q84", 16, "novel", "English", 2009, 928),
    ("SPQR", 17, "history", "English", 2015, 606),
    ("Women & Power", 17, "history", "English", 2017, 115),
    ("Pompeii", 17, "history", "English", 2008, 360),
    ("Death of a Naturalist", 18, "poetry", "English", 1966, 57),
    ("North", 18, "poetry", "English", None, 73),
    ("Human Chain", 18, "poetry", "English", 2010, 85),
    ("Matilda", 19, "children", "English", 1988, 240),
    ("The BFG", 19, "children", "English", 1982, 221),
    ("Danny the Champion of the World", 19, "children", "English", 1975, 208),
)
FIRST_NAMES = (
    *("Olivia", "Arthur", "Nadia", "Samuel", "Priya", "Callum", "Yvonne", "Tomasz", "Beth", "Idris"),
    *("Chloe", "Victor", "Amina", "Duncan", "Rosalind", "Gareth", "Mei", "Patrick", "Shona", "Leon"),
)
LAST_NAMES = (
    *("Brandt", "Holloway", "Rahman", "Pickering", "Sharma", "Whitaker", "Moss", "Kowalski", "Ashworth", "Bello"),
    *("Thackray", "Lumley", "Osei", "Fairburn", "Quinn", "Pritchard", "Zhang", "Doyle", "Ferguson", "Adeyemi"),
)
CITIES = ("Leeds", "Leeds", "Leeds", "York", "York", "Sheffield", "Bradford", "Harrogate")
CATEGORIES = ("adult", "adult", "adult", "student", "student", "child", "senior")
MEMBERS, BORROWERS, LOANS = 60, 52, 180
NEVER_BORROWED = 4
"""The last books of the list, which nobody borrows."""
START = dt.date(2023, 1, 4)


def create(path: Path) -> None:
    """Write the database into a new file."""
    rng = random.Random(SEED)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(DDL)
        for table, rows in _tables(rng).items():
            marks = ", ".join("?" * (len(rows[0]) + 1))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({marks})", [(number, *row) for number, row in enumerate(rows, 1)]
            )


def _tables(rng: random.Random) -> dict[str, list[tuple[Any, ...]]]:
    loans = sorted((_loan(rng) for _ in range(LOANS)), key=lambda loan: loan[4])
    return {
        "branches": list(BRANCHES),
        "authors": list(AUTHORS),
        "books": list(BOOKS),
        "members": [_member(rng, number) for number in range(MEMBERS)],
        "loans": loans,
        "fines": [fine for number, loan in enumerate(loans, 1) for fine in _fines(rng, number, loan)],
    }


def _member(rng: random.Random, number: int) -> tuple[Any, ...]:
    turn = number // len(FIRST_NAMES)
    first, last = FIRST_NAMES[number % 20], LAST_NAMES[(number + 7 * turn) % 20]
    email = f"{first}.{last}@post.example".lower() if rng.random() < 0.85 else None
    joined = dt.date(2018, 5, 1) + dt.timedelta(_below(rng, 2300))
    home = _below(rng, len(BRANCHES)) + 1 if rng.random() < 0.9 else None
    referrer = _below(rng, min(number, 12)) + 1 if number and rng.random() < 0.4 else None
    return (
        f"{first} {last}",
        email,
        CITIES[_below(rng, len(CITIES))],
        CATEGORIES[_below(rng, len(CATEGORIES))],
        int(rng.random() < 0.8),
        joined.isoformat(),
        home,
        referrer,
    )


def _loan(rng: random.Random) -> tuple[Any, ...]:
    # Squared, so that some borrow often.
    member = int(BORROWERS * rng.random() ** 2) + 1
    book = _below(rng, len(BOOKS) - NEVER_BORROWED) + 1
    loaned = START + dt.timedelta(_below(rng, 700))
    pickup = _below(rng, len(BRANCHES)) + 1
    back = loaned + dt.timedelta(2 + _below(rng, 35)) if rng.random() < 0.85 else None
    where = None if back is None else pickup if rng.random() < 0.7 else _below(rng, len(BRANCHES)) + 1
    due = loaned + dt.timedelta(21)
    return book, member, pickup, where, loaned.isoformat(), due.isoformat(), back and back.isoformat()


def _fines(rng: random.Random, number: int, loan: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    due, back = (None if day is None else dt.date.fromisoformat(day) for day in loan[5:])
    assert due is not None
    found: list[tuple[Any, ...]] = []
    if back is None:
        if rng.random() < 0.4:
            found.append((number, 18.5, "lost", None))
    else:
        paid = (back + dt.timedelta(_below(rng, 20))).isoformat() if rng.random() < 0.7 else None
        if back > due:
            found.append((number, 0.25 * (back - due).days, "late", paid))
        if rng.random() < 0.08:
            found.append((number, 2.5 * (1 + _below(rng, 4)), "damaged", paid))
    return found


def _below(rng: random.Random, end: int) -> int:
    """Return a number from 0 on: of `random`, only `random()` gives the same in every version of Python."""
    return int(end * rng.random())
