"""Questions to a database that shares no name with the demo: nothing the engine knows is about the demo."""

from __future__ import annotations

import pytest

from .engine_worlds import World, make_office


@pytest.fixture(scope="module")
def office() -> World:
    return make_office()


_STAFF = "SELECT * FROM staff"
_IN_DEPT = "FROM staff JOIN dept USING (dept_id)"

ROWS: dict[str, str | None] = {
    "how many employees are there?": "SELECT 4",
    "list staff": _STAFF,
    "list 2 workers": f"{_STAFF} LIMIT 2",
    "average salary": "SELECT AVG(salary) FROM staff",
    "total salary": "SELECT SUM(salary) FROM staff",
    "salary by job title": None,
    "average salary by department": f"SELECT dept_name, AVG(salary) {_IN_DEPT} GROUP BY dept_id",
    "number of staff per department": f"SELECT dept_name, COUNT(*) {_IN_DEPT} GROUP BY dept_id",
    "which department has the highest average salary?": "SELECT 'Research', 4500.0",
    "departments with more than 1 employee": "SELECT * FROM dept WHERE dept_id IN (1, 2)",
    "departments without staff": "SELECT * FROM dept WHERE dept_name = 'Support'",
    "departments in Oslo": None,
    "highest paid employee": None,
    "who has the highest salary": f"{_STAFF} WHERE staff_id = 1",
    "who has the lowest salary": f"{_STAFF} WHERE staff_id = 3",
    "employees hired in 2024": (f"{_STAFF} WHERE hired_on LIKE '2024-%'"),
    "staff hired before 2024": (f"{_STAFF} WHERE hired_on < '2024'"),
    "newest hire": None,
    "most recently hired employee": None,
    "staff in Research": None,
    "employees in the Sales department": None,
    "managers": f"{_STAFF} WHERE is_manager = 1",
    "how many managers": "SELECT 2",
    "non managers": f"{_STAFF} WHERE is_manager = 0",
    "employees who are not managers": f"{_STAFF} WHERE is_manager = 0",
    "average salary of managers": "SELECT AVG(salary) FROM staff WHERE is_manager",
    "share of managers": "SELECT 50.0",
    "staff on leave": f"{_STAFF} WHERE employment_state = 'on_leave'",
    "retired employees": f"{_STAFF} WHERE employment_state = 'retired'",
    "employees earning more than 3500": None,
    "staff with salary between 3000 and 4000": f"{_STAFF} WHERE salary BETWEEN 3000 AND 4000",
    "salary of Bob": None,
    "hours worked by Ann Lee": None,
    "hours per employee": None,
    "average hours per employee": (
        "SELECT first_name, last_name, AVG(hours) FROM timesheet JOIN staff USING (staff_id) GROUP BY staff_id"
    ),
    "top 2 employees by hours": None,
    "hours per month": None,
    "total hours by department": "SELECT 'Research', 21.5 UNION SELECT 'Sales', 4.0",
    "total hours in June 2024": "SELECT 21.5",
    "approved timesheets": "SELECT * FROM timesheet WHERE approved = 'Y'",
    "unapproved timesheets": "SELECT * FROM timesheet WHERE approved = 'N'",
    "timesheets not approved": "SELECT * FROM timesheet WHERE approved = 'N'",
    "job titles": "SELECT DISTINCT job_title FROM staff",
    "how many different job titles": "SELECT 2",
    "timesheet summary": None,
}


@pytest.mark.parametrize(("question", "expected"), ROWS.items(), ids=list(ROWS))
def test_the_rows_are_those_of_hand_written_sql(office: World, question: str, expected: str | None) -> None:
    if expected is None:
        assert office.draft(question).sql is None
        return
    found, wanted = office.answer(question), office.rows(expected)
    assert sorted(found, key=repr) == sorted(wanted, key=repr), office.draft(question).sql


def test_money_is_not_made_up(office: World) -> None:
    """A salary is money, but nobody's revenue."""
    draft = office.draft("what is the revenue")
    assert draft.sql is None
    assert "'revenue'" in draft.explanation


def test_the_metadata_of_the_first_part_stands_for_a_split_table(office: World) -> None:
    assert office.draft("average salary").schema_id == "staff 1"
