"""The database of the demo project: a small shop in SQLite, with the same random data every time."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from text2everything.local._private_files import create_private_file

if TYPE_CHECKING:
    from pathlib import Path

_RANDOM_SEED: Final = 20240501
_DAYS_OF_ORDERS: Final = 730
_CUSTOMERS, _USERS, _ORDERS = 120, 40, 600

_FIRST_NAMES: Final = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Clara", "David", "Elena", "Emil", "Fatima", "Felix", "Grace",
    "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kenji", "Laura", "Leo", "Lucia", "Marc", "Maya", "Mila",
    "Nina", "Noah", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rosa", "Sam", "Sara", "Tom", "Vera", "Yusuf", "Zoe",
)  # fmt: skip
_LAST_NAMES: Final = (
    "Abbott", "Alvarez", "Bauer", "Becker", "Bennett", "Costa", "Dubois", "Eriksson", "Fischer", "Garcia", "Haddad",
    "Hughes", "Ito", "Jansen", "Keller", "Khan", "Larsen", "Lopez", "Martin", "Meyer", "Moreau", "Nakamura", "Novak",
    "Olsen", "Patel", "Petrov", "Reed", "Rossi", "Schmidt", "Silva", "Suzuki", "Tanaka", "Turner", "Vogel", "Walsh",
    "Weber", "Young", "Zhang",
)  # fmt: skip
CITIES_BY_COUNTRY: Final = {
    "Germany": ("Berlin", "Hamburg", "Munich"),
    "France": ("Paris", "Lyon"),
    "Spain": ("Madrid", "Valencia"),
    "USA": ("Austin", "Boston", "Seattle"),
    "Japan": ("Osaka", "Tokyo"),
    "Brazil": ("Recife", "Sao Paulo"),
}
# Multiples of half a euro, so that sums of floating-point numbers are exact.
PRICES_BY_CATEGORY: Final = {
    "Books": {"Cookbook": 24.5, "Crime Novel": 12.5, "Travel Guide": 18.0, "Atlas": 39.0},
    "Electronics": {"Headphones": 89.0, "Desk Lamp": 34.5, "Keyboard": 59.0, "Radio": 74.5, "Webcam": 49.0},
    "Garden": {"Watering Can": 16.5, "Spade": 27.5, "Hammock": 65.0},
    "Kitchen": {"Teapot": 29.0, "Chef's Knife": 54.0, "Mixing Bowl": 19.5, "Coffee Grinder": 44.0},
    "Sports": {"Yoga Mat": 22.0, "Football": 25.0, "Tent": 149.0, "Water Bottle": 14.5},
}
CUSTOMER_STATUS_WEIGHTS: Final = {"active": 70, "inactive": 20, "blocked": 4, "prospect": 6}
ORDER_STATUS_WEIGHTS: Final = {"delivered": 70, "shipped": 12, "pending": 10, "cancelled": 8}

_DDL: Final = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, status TEXT NOT NULL,
    country TEXT NOT NULL, city TEXT NOT NULL, signup_date DATE NOT NULL
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL,
    active BOOLEAN NOT NULL, created_at DATE NOT NULL
);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price DECIMAL(10, 2) NOT NULL,
    stock INTEGER NOT NULL
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), order_date DATE NOT NULL,
    status TEXT NOT NULL, total_amount DECIMAL(10, 2) NOT NULL
);
CREATE TABLE order_items (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL REFERENCES products (id), quantity INTEGER NOT NULL, amount DECIMAL(10, 2) NOT NULL
);
"""


def create_database(path: Path, *, today: dt.date | None = None) -> None:
    """Create the database, unless the file exists.

    Args:
        path: The file to create.
        today: The date of the last order; by default today.
    """
    if path.exists():
        return
    rng = random.Random(_RANDOM_SEED)  # noqa: S311 - not for cryptography; the data are the same every time
    # Written under another name and then renamed, so that an interrupted start leaves no incomplete database.
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    create_private_file(temporary).close()
    with closing(sqlite3.connect(temporary)) as connection, connection:
        connection.executescript(_DDL)
        for table, rows in _rows(rng, today or dt.datetime.now(tz=dt.UTC).date()).items():
            placeholders = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({placeholders})", rows)  # noqa: S608 - own names
    temporary.replace(path)


def _rows(rng: random.Random, today: dt.date) -> dict[str, list[tuple[Any, ...]]]:
    customers = [_customer(rng, i, today) for i in range(1, _CUSTOMERS + 1)]
    users = [
        (
            i,
            f"{rng.choice(_FIRST_NAMES).lower()}{i}",
            f"user{i}@shop.example",
            rng.choices(("admin", "editor", "viewer"), (1, 3, 6))[0],
            rng.random() < 0.75,  # noqa: PLR2004
            (today - dt.timedelta(rng.randrange(_DAYS_OF_ORDERS))).isoformat(),
        )
        for i in range(1, _USERS + 1)
    ]
    priced = [
        (name, category, price) for category, prices in PRICES_BY_CATEGORY.items() for name, price in prices.items()
    ]
    products = [(i, *product, rng.randrange(200)) for i, product in enumerate(priced, 1)]
    orders, items = [], []
    for i, days in enumerate(sorted((rng.randrange(_DAYS_OF_ORDERS) for _ in range(_ORDERS - 1)), reverse=True), 1):
        orders.append(_order(rng, i, today - dt.timedelta(days)))
    orders.append(_order(rng, _ORDERS, today))
    for i, order in enumerate(orders):
        ordered = [(*rng.choice(products), rng.randint(1, 4)) for _ in range(rng.choices((1, 2, 3), (5, 3, 2))[0])]
        lines = [(order[0], product[0], product[-1], round(product[3] * product[-1], 2)) for product in ordered]
        items += lines
        orders[i] = (*order, round(sum(line[-1] for line in lines), 2))
    return {
        "customers": customers,
        "users": users,
        "products": products,
        "orders": orders,
        "order_items": [(i, *line) for i, line in enumerate(items, 1)],
    }


def _customer(rng: random.Random, number: int, today: dt.date) -> tuple[Any, ...]:
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    country = rng.choices(list(CITIES_BY_COUNTRY), (6, 4, 3, 5, 2, 2))[0]
    status = rng.choices(list(CUSTOMER_STATUS_WEIGHTS), list(CUSTOMER_STATUS_WEIGHTS.values()))[0]
    email = f"{first}.{last}{number}@mail.example".lower() if rng.random() < 0.95 else None  # noqa: PLR2004
    signup = today - dt.timedelta(rng.randrange(2 * _DAYS_OF_ORDERS))
    return (
        number,
        f"{first} {last}",
        email,
        status,
        country,
        rng.choice(CITIES_BY_COUNTRY[country]),
        signup.isoformat(),
    )


def _order(rng: random.Random, number: int, day: dt.date) -> tuple[Any, ...]:
    # Squared, so that some customers order often; the last ten never order.
    customer = int((_CUSTOMERS - 10) * rng.random() ** 2) + 1
    status = rng.choices(list(ORDER_STATUS_WEIGHTS), list(ORDER_STATUS_WEIGHTS.values()))[0]
    return number, customer, day.isoformat(), status
