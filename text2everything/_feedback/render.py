"""Text and HTML of rating statistics."""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from datetime import datetime

from text2everything._feedback.tally import DislikedMessage, Tally

__all__ = ["NEGATIVE_COLOR", "POSITIVE_COLOR", "headline", "to_html", "to_text"]

# Two colors that people with red-green color blindness can tell apart.
POSITIVE_COLOR = "#3b7dc4"
NEGATIVE_COLOR = "#e07b39"

PLAINER = str.maketrans({"█": "#", "“": '"', "”": '"', "…": "..."})

BAR_WIDTH = 30
"""Characters of the bar that stands for all ratings."""

MAX_COMMENT_SHOWN = 60
"""Characters shown of a comment in the text."""


def headline(ratings: Tally) -> str:
    """Return the number of ratings and the share of positive ones, such as `4 ratings, 75 % positive`."""
    share = ratings.share_positive
    return plural(ratings.total, "rating") + ("" if share is None else f", {percent(share)} positive")


def to_text(
    ratings: Tally,
    *,
    messages: int,
    executions: int,
    first: datetime | None,
    last: datetime | None,
    most_disliked: Sequence[DislikedMessage],
) -> str:
    """Return the statistics as lines of text, with a bar for the positive and one for the negative ratings."""
    lines = [f"FeedbackStats: {headline(ratings)}"]
    if ratings.total:
        for name, count in (("positive", ratings.positive), ("negative", ratings.negative)):
            bar = "█" * round(BAR_WIDTH * count / ratings.total)
            lines.append(f"  {name}  {count:>9,}  {percent(count / ratings.total):>6}  {bar}".rstrip())
        coverage = f"  on {plural(messages, 'message')}, {plural(executions, 'execution')}"
        if first is not None and last is not None:
            coverage += f"; {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        lines.append(coverage)
    if most_disliked:
        lines.append("  most disliked:")
        shares = [f"{each.negative:,} of {each.positive + each.negative:,}" for each in most_disliked]
        width = max(map(len, shares))
        for each, share in zip(most_disliked, shares, strict=True):
            comment = f"  {quoted_line(each.comments[0])}" if each.comments else ""
            lines.append(f"    {share:>{width}}  {each.chat_message_id}{comment}")
    return _for_stdout("\n".join(lines))


def _for_stdout(text: str) -> str:
    """Return a text with plainer characters in place of its decoration, if stdout has no others."""
    try:
        "".join(map(chr, PLAINER)).encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.translate(PLAINER)
    return text


def to_html(ratings: Tally, *, messages: int, executions: int, most_disliked: Sequence[DislikedMessage]) -> str:
    """Return the statistics as HTML, for notebooks."""
    parts = [f"<p><b>{headline(ratings)}</b></p>"]
    if ratings.share_positive is not None:
        width = f"{100 * ratings.share_positive:.1f}%"
        parts.append(
            f'<div style="width:300px;height:10px;background:{NEGATIVE_COLOR}">'
            f'<div style="width:{width};height:10px;background:{POSITIVE_COLOR}"></div></div>'
            f"<p>{ratings.positive:,} positive, {ratings.negative:,} negative, on "
            f"{plural(messages, 'message')} and {plural(executions, 'execution')}</p>"
        )
    if most_disliked:
        rows = "".join(
            f"<tr><td>{each.negative:,}</td><td>{each.positive:,}</td>"
            f"<td>{html.escape(each.chat_message_id)}</td>"
            f'<td style="text-align:left">{"<br>".join(map(html.escape, each.comments))}</td></tr>'
            for each in most_disliked
        )
        head = "<tr><th>negative</th><th>positive</th><th>message</th><th>latest comments</th></tr>"
        parts.append(f"<table><caption>Most disliked</caption><thead>{head}</thead><tbody>{rows}</tbody></table>")
    return "".join(parts)


def plural(count: int, noun: str) -> str:
    """Return the count and the noun, such as `1 rating` or `2,000 ratings`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share (0 to 1) as a percentage: `0 %` only for none, `100 %` only for all."""
    text = f"{100 * share:.1f}"
    if text == "0.0" and share:
        text = "<0.1"
    if text == "100.0" and share < 1:
        text = ">99.9"
    return f"{text.removesuffix('.0')} %"


def quoted_line(text: str) -> str:
    """Return a comment as one line in quotation marks, cut if it is long."""
    line = " ".join(text.split())
    return f"“{line[:MAX_COMMENT_SHOWN]}…”" if len(line) > MAX_COMMENT_SHOWN else f"“{line}”"
