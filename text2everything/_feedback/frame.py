"""A pandas data frame of ratings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from text2everything._feedback.periods import PERIODS
from text2everything._feedback.tally import Tally

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_frame"]

DTYPES = {"positive": int, "negative": int, "total": int, "share_positive": float}


def to_frame(tallies: Mapping[Any, Tally], by: str) -> pd.DataFrame:
    """Return one row for each tally; `by` names the index, which holds dates if it is a period.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise ImportError("to_pandas() needs pandas: pip install pandas") from error
    keys = list(tallies)
    index = pd.DatetimeIndex(keys, name=by) if by in PERIODS else pd.Index(keys, name=by, dtype=object)
    columns: dict[str, Any] = {
        name: pd.Series([getattr(tally, name) for tally in tallies.values()], index=index, dtype=dtype)
        for name, dtype in DTYPES.items()
    }
    return pd.DataFrame(columns, index=index)
