"""The demo: a small shop in SQLite, with all that a project needs to be asked about it."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from text2everything.local._seeding import Demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from text2everything.local._seeding import Seeder

_SEED: Final = 20240501
_DAYS: Final = 730
_CUSTOMERS, _USERS, _ORDERS = 120, 40, 600

_FIRST: Final = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Clara", "David", "Elena", "Emil", "Fatima", "Felix", "Grace",
    "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kenji", "Laura", "Leo", "Lucia", "Marc", "Maya", "Mila",
    "Nina", "Noah", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rosa", "Sam", "Sara", "Tom", "Vera", "Yusuf", "Zoe",
)  # fmt: skip
_LAST: Final = (
    "Abbott", "Alvarez", "Bauer", "Becker", "Bennett", "Costa", "Dubois", "Eriksson", "Fischer", "Garcia", "Haddad",
    "Hughes", "Ito", "Jansen", "Keller", "Khan", "Larsen", "Lopez", "Martin", "Meyer", "Moreau", "Nakamura", "Novak",
    "Olsen", "Patel", "Petrov", "Reed", "Rossi", "Schmidt", "Silva", "Suzuki", "Tanaka", "Turner", "Vogel", "Walsh",
    "Weber", "Young", "Zhang",
)  # fmt: skip
_PLACES: Final = {
    "Germany": ("Berlin", "Hamburg", "Munich"),
    "France": ("Paris", "Lyon"),
    "Spain": ("Madrid", "Valencia"),
    "USA": ("Austin", "Boston", "Seattle"),
    "Japan": ("Osaka", "Tokyo"),
    "Brazil": ("Recife", "Sao Paulo"),
}
# Halves of a euro: their sums are exact, and look it.
_PRODUCTS: Final = {
    "Books": {"Cookbook": 24.5, "Crime Novel": 12.5, "Travel Guide": 18.0, "Atlas": 39.0},
    "Electronics": {"Headphones": 89.0, "Desk Lamp": 34.5, "Keyboard": 59.0, "Radio": 74.5, "Webcam": 49.0},
    "Garden": {"Watering Can": 16.5, "Spade": 27.5, "Hammock": 65.0},
    "Kitchen": {"Teapot": 29.0, "Chef's Knife": 54.0, "Mixing Bowl": 19.5, "Coffee Grinder": 44.0},
    "Sports": {"Yoga Mat": 22.0, "Football": 25.0, "Tent": 149.0, "Water Bottle": 14.5},
}
_CUSTOMER_STATUS: Final = {"active": 70, "inactive": 20, "blocked": 4, "prospect": 6}
_ORDER_STATUS: Final = {"delivered": 70, "shipped": 12, "pending": 10, "cancelled": 8}

_TABLES: Final = """
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


def seed(seeder: Seeder, directory: Path, *, today: dt.date | None = None) -> Demo:
    """Make the shop's database in a directory, if it is not there, and a project that knows all about it.

    Args:
        seeder: Where the project, its connector, metadata, contexts and examples go.
        directory: Where `shop.sqlite3` goes; must exist.
        today: The date of the last order, so that "last 30 days" has an answer. By default today.
    """
    database = directory / "shop.sqlite3"
    make_database(database, today=today)
    project = seeder.project("Demo shop", "A small shop: customers, users, products and two years of orders")
    connector = seeder.connector(project, "Shop database", db_type="sqlite", database=database)
    for name, data, description in schemas():
        seeder.schema(project, name, data, description)
    for name, content in CONTEXTS:
        seeder.context(project, name, content)
    for question, sql in GOLDEN_EXAMPLES:
        seeder.golden_example(project, question, sql)
    session = seeder.session(project, "Demo session")
    return Demo(project_id=project, connector_id=connector, chat_session_id=session)


def make_database(path: Path, *, today: dt.date | None = None) -> None:
    """Write the shop's database; one that is there already is left as it is."""
    if path.exists():
        return
    rng = random.Random(_SEED)  # noqa: S311 - the same shop every time
    # Written aside and moved into place: a start that was cut short leaves no half a shop.
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    with closing(sqlite3.connect(aside)) as connection, connection:
        connection.executescript(_TABLES)
        for table, rows in _rows(rng, today or dt.datetime.now(tz=dt.UTC).date()).items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - own names
    aside.replace(path)


def _rows(rng: random.Random, today: dt.date) -> dict[str, list[tuple[Any, ...]]]:
    customers = [_customer(rng, i, today) for i in range(1, _CUSTOMERS + 1)]
    users = [
        (
            i,
            f"{rng.choice(_FIRST).lower()}{i}",
            f"user{i}@shop.example",
            rng.choices(("admin", "editor", "viewer"), (1, 3, 6))[0],
            rng.random() < 0.75,  # noqa: PLR2004
            _day(today - dt.timedelta(rng.randrange(_DAYS))),
        )
        for i in range(1, _USERS + 1)
    ]
    named = [(name, category, price) for category, names in _PRODUCTS.items() for name, price in names.items()]
    products = [(i, *product, rng.randrange(200)) for i, product in enumerate(named, 1)]
    orders, items = [], []
    for i, days in enumerate(sorted((rng.randrange(_DAYS) for _ in range(_ORDERS - 1)), reverse=True), 1):
        orders.append(_order(rng, i, today - dt.timedelta(days)))
    orders.append(_order(rng, _ORDERS, today))
    for i, order in enumerate(orders):
        bought = [(*rng.choice(products), rng.randint(1, 4)) for _ in range(rng.choices((1, 2, 3), (5, 3, 2))[0])]
        lines = [(order[0], product[0], product[-1], round(product[3] * product[-1], 2)) for product in bought]
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
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    country = rng.choices(list(_PLACES), (6, 4, 3, 5, 2, 2))[0]
    status = rng.choices(list(_CUSTOMER_STATUS), list(_CUSTOMER_STATUS.values()))[0]
    email = f"{first}.{last}{number}@mail.example".lower() if rng.random() < 0.95 else None  # noqa: PLR2004
    signup = today - dt.timedelta(rng.randrange(2 * _DAYS))
    return (number, f"{first} {last}", email, status, country, rng.choice(_PLACES[country]), _day(signup))


def _order(rng: random.Random, number: int, day: dt.date) -> tuple[Any, ...]:
    # Squared, so that some customers buy often and the last ones never.
    customer = int((_CUSTOMERS - 10) * rng.random() ** 2) + 1
    status = rng.choices(list(_ORDER_STATUS), list(_ORDER_STATUS.values()))[0]
    return number, customer, _day(day), status


def _day(day: dt.date) -> str:
    return day.isoformat()


def schemas() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, schema data and description of each piece of the shop's schema metadata."""

    def column(name: str, sql_type: str, description: str, *values: str) -> dict[str, Any]:
        told: dict[str, Any] = {"name": name, "type": sql_type, "description": description}
        return told | ({"values": list(values)} if values else {})

    def table(name: str, description: str, *columns: dict[str, Any]) -> dict[str, Any]:
        columns[0]["primary_key"] = True
        return {"table": {"name": name, "description": description, "columns": list(columns)}}

    yield (
        "customers",
        table(
            "customers",
            "Everyone who buys, or may buy, in the shop",
            column("id", "INTEGER", "Customer number"),
            column("name", "TEXT", "First and last name"),
            column("email", "TEXT", "Address for mails; missing for some"),
            column("status", "TEXT", "Where the customer stands", *_CUSTOMER_STATUS),
            column("country", "TEXT", "Country of residence", *_PLACES),
            column("city", "TEXT", "City of residence", *(city for cities in _PLACES.values() for city in cities)),
            column("signup_date", "DATE", "Day of registration"),
        ),
        "Customers with their status and where they live",
    )
    yield (
        "users",
        table(
            "users",
            "Accounts of the people who run the shop",
            column("id", "INTEGER", "Account number"),
            column("username", "TEXT", "Name to log in with"),
            column("email", "TEXT", "Address for mails"),
            column("role", "TEXT", "What the account may do", "admin", "editor", "viewer"),
            column("active", "BOOLEAN", "Whether the account can log in"),
            column("created_at", "DATE", "Day the account was made"),
        ),
        "User accounts of the shop's staff",
    )
    yield (
        "products",
        table(
            "products",
            "What the shop sells",
            column("id", "INTEGER", "Product number"),
            column("name", "TEXT", "Name in the catalogue"),
            column("category", "TEXT", "Department of the shop", *_PRODUCTS),
            column("price", "DECIMAL(10, 2)", "Price of one piece in euros"),
            column("stock", "INTEGER", "Pieces in the warehouse"),
        ),
        "Products with category and price",
    )
    yield (
        "orders",
        table(
            "orders",
            "One row for each order",
            column("id", "INTEGER", "Order number"),
            column("customer_id", "INTEGER", "Who ordered"),
            column("order_date", "DATE", "Day of the order"),
            column("status", "TEXT", "How far the order is", *_ORDER_STATUS),
            column("total_amount", "DECIMAL(10, 2)", "What the order costs in all, in euros"),
        ),
        "Orders with date, status and amount",
    )
    yield (
        "order_items",
        table(
            "order_items",
            "What was ordered: one row for each product of an order",
            column("id", "INTEGER", "Line number"),
            column("order_id", "INTEGER", "The order"),
            column("product_id", "INTEGER", "The product"),
            column("quantity", "INTEGER", "How many pieces"),
            column("amount", "DECIMAL(10, 2)", "Quantity times price, in euros"),
        ),
        "The lines of each order",
    )
    for one, many, key in (
        ("customers", "orders", "customer_id"),
        ("orders", "order_items", "order_id"),
        ("products", "order_items", "product_id"),
    ):
        relationship = {
            "from_table": one,
            "from_column": "id",
            "to_table": many,
            "to_column": key,
            "type": "one_to_many",
        }
        yield f"{one} to {many}", {"relationship": relationship}, f"{many} of {one}"
    metric = {"aggregation": "avg", "column": "total_amount"}
    yield (
        "average order value",
        {"table": {"name": "orders", "metric": {"name": "average_order_value", "content": metric}}},
        "What an order is worth on average",
    )


CONTEXTS: Final = (
    (
        "Revenue",
        "Revenue means SUM(orders.total_amount).\nClients are customers.",
    ),
    (
        "Big orders",
        "Big orders are orders with total_amount > 200.",
    ),
    (
        "Euros",
        "All prices and amounts are in euros, taxes included.",
    ),
)
GOLDEN_EXAMPLES: Final = (
    (
        "What was the revenue of delivered orders per month?",
        (
            "SELECT STRFTIME('%Y-%m', order_date) AS month, SUM(total_amount) AS revenue FROM orders"
            " WHERE status = 'delivered' GROUP BY month ORDER BY month"
        ),
    ),
    (
        "Which customers have not ordered in the last 90 days?",
        (
            "SELECT name, email FROM customers WHERE NOT EXISTS (SELECT 1 FROM orders"
            " WHERE orders.customer_id = customers.id AND orders.order_date >= DATE('now', '-90 days')) ORDER BY name"
        ),
    ),
    (
        "What are the best selling products?",
        (
            "SELECT products.name, SUM(order_items.quantity) AS pieces FROM order_items"
            " JOIN products ON products.id = order_items.product_id GROUP BY products.id, products.name"
            " ORDER BY pieces DESC LIMIT 10"
        ),
    ),
)
