"""The contents of the demo project: its schema metadata, contexts and golden examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from text2everything.local._demo_database import (
    CITIES_BY_COUNTRY,
    CUSTOMER_STATUS_WEIGHTS,
    ORDER_STATUS_WEIGHTS,
    PRICES_BY_CATEGORY,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def schemas() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the name, schema data and description of each item of schema metadata."""

    def column(name: str, sql_type: str, description: str, *values: str) -> dict[str, Any]:
        data: dict[str, Any] = {"name": name, "type": sql_type, "description": description}
        return data | ({"values": list(values)} if values else {})

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
            column("status", "TEXT", "Where the customer stands", *CUSTOMER_STATUS_WEIGHTS),
            column("country", "TEXT", "Country of residence", *CITIES_BY_COUNTRY),
            column(
                "city",
                "TEXT",
                "City of residence",
                *(city for cities in CITIES_BY_COUNTRY.values() for city in cities),
            ),
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
            column("category", "TEXT", "Department of the shop", *PRICES_BY_CATEGORY),
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
            column("status", "TEXT", "How far the order is", *ORDER_STATUS_WEIGHTS),
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
    for parent, child, foreign_key in (
        ("customers", "orders", "customer_id"),
        ("orders", "order_items", "order_id"),
        ("products", "order_items", "product_id"),
    ):
        relationship = {
            "from_table": parent,
            "from_column": "id",
            "to_table": child,
            "to_column": foreign_key,
            "type": "one_to_many",
        }
        yield f"{parent} to {child}", {"relationship": relationship}, f"{child} of {parent}"
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
        "Customer metrics",
        "Customer metrics means the number of customers.",
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
