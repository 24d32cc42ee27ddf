"""The fixed phrases of questions, such as "how many" and "sorted by", and the operators they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._words import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

from text2everything.local.engine._words import Token


@attrs.frozen
class Operator:
    """A fixed phrase in a question: its kind, an argument, and its tokens [start, end)."""

    kind: str
    arg: str
    start: int
    end: int


_PHRASES: Final = {
    (
        "aggregate",
        "count",
    ): "how many|number of|the number of|count of|count|total number of|total count of|no of|tally",
    ("aggregate", "sum"): "total|sum of|sum|how much|sum up|add up|combined|overall",
    ("aggregate", "avg"): "average|avg|mean|on average",
    ("aggregate", "min"): "minimum|min",
    ("aggregate", "max"): "maximum|max",
    ("distinct", ""): "distinct|unique|different",
    ("percent", ""): "percentage of|percent of|share of|proportion of|fraction of|what percentage|what share|% of"
    "|percentage|what fraction|what proportion",
    ("group", ""): "per|for each|for every|by each|in each|grouped by|group by|broken down by|split by|breakdown by"
    "|by|each|across|within each|at each|on each|in every|of each|separated by|aggregated by",
    ("sort", ""): "sorted by|sort by|order by|ordered by|ranked by|rank by|in order of|sorted on",
    ("direction", "asc"): "ascending|asc|increasing|alphabetically|in alphabetical order|low to high|a to z",
    ("direction", "desc"): "descending|desc|decreasing|high to low|in descending order|in reverse order",
    ("top", "desc"): "top|best|leading",
    ("top", "asc"): "bottom|worst|lowest ranking",
    ("most", "desc"): "most|highest|largest|biggest|greatest|longest|highest number of|largest number of|the most|"
    "most number of|maximum number of|the most number of",
    ("most", "asc"): "least|lowest|smallest|fewest|shortest|lowest number of|smallest number of|least number of",
    ("price", "desc"): "most expensive|priciest|most valuable|dearest|costliest|most costly",
    ("price", "asc"): "cheapest|least expensive|most affordable|lowest priced",
    ("paid", "desc"): "highest paid|best paid|highest earning|top earning|top paid",
    ("paid", "asc"): "lowest paid|worst paid|lowest earning|least paid",
    ("popular", "desc"): "best selling|bestselling|most popular|most sold|top selling|most frequently ordered|"
    "most ordered|most purchased|most bought|most often ordered|bestsellers|best sellers",
    ("popular", "asc"): "worst selling|least popular|least sold|slowest selling",
    ("recent", "desc"): "newest|latest|most recent|most recently|last|youngest",
    ("recent", "asc"): "oldest|earliest|first",
    (
        "compare",
        ">",
    ): "more than|greater than|over|above|exceeding|larger than|bigger than|higher than|exceeds|exceed|"
    ">|beyond|longer than|older than|more expensive than|costing more than|priced above|priced over|"
    "that cost more than",
    ("compare", "<"): "less than|fewer than|under|below|lower than|smaller than|cheaper than|<|shorter than|"
    "younger than|less expensive than|costing less than|priced below|priced under|that cost less than",
    ("compare", ">="): "at least|no less than|not less than|minimum of|>=|greater than or equal to|a minimum of|"
    "more than or equal to",
    ("compare", "<="): "at most|no more than|not more than|up to|maximum of|<=|less than or equal to|a maximum of|"
    "not exceeding",
    ("compare", "="): "exactly|equal to|equals|=|==|equal",
    ("compare", "!="): "!=|<>|not equal to",
    ("between", ""): "between|priced between|costing between|that cost between|ranging from|in the range of",
    ("like", "contains"): "containing|contains|contain|that contain|which contain|including the word|matching|like",
    ("like", "starts"): "starting with|starts with|start with|beginning with|begins with|begin with",
    ("like", "ends"): "ending with|ends with|end with|ending in|ends in",
    ("named", ""): "named|called|with the name|with name|whose name is",
    (
        "not",
        "",
    ): "not|non|isn't|aren't|is not|are not|wasn't|weren't|isnt|arent|excluding|except|except for|other than"
    "|but not|that are not|excluding the|outside|outside of|doesn't|don't|does not|do not|didn't|haven't"
    "|hasn't|have not|has not|did not|"
    "havent|hasnt|didnt|neither|nor",
    ("without", ""): "without|without any|with no|no|never|lacking|missing|who never|that never|having no|have no|"
    "has no|who have no|that have no|have never|has never|not having|without a|without an|zero|do not have|"
    "don't have|doesn't have|does not have|have not placed|haven't placed|have not made",
    ("with", ""): "with|having|who have|that have|which have|have|has",
    ("spend", ""): "spent|spend|spends|spending|paid the",
    ("sold", ""): "sold|units sold|selling|sell|sells",
    ("money", ""): "revenue|revenues|turnover|sales|sale|income|earnings|proceeds|earned|earn|money",
    ("grain", "day"): "a day|daily|day by day|day|days|date",
    ("grain", "week"): "a week|weekly|week by week|week|weeks",
    ("grain", "month"): "a month|monthly|month by month|month|months|over time|trend|trends|trending|timeline",
    ("grain", "quarter"): "a quarter|quarterly|quarter|quarters",
    ("grain", "year"): "a year|yearly|annual|annually|year by year|year over year|year|years",
    ("vague", "summary"): "metrics|metric|summary|summaries|overview|statistics|statistic|stats|report|reports|"
    "insights|analytics|analysis|kpi|kpis|performance|dashboard|figures|summarize|summarise|describe",
    ("vague", "rows"): "details|detail|information|info|data|records|listing",
    ("or more", ">="): "or more|or above|or higher|or greater|and above|and over|or over|+|plus",
    ("or more", "<="): "or less|or fewer|or below|or lower|and below|and under|or under",
    ("limit", ""): "limit|limit to|limited to",
    ("out of", ""): "out of",
    ("when", ""): "when",
}
OPERATORS: Final = {
    tuple(phrase.split()): key for key, phrases in _PHRASES.items() for phrase in phrases.split("|") if phrase
}
_LONGEST: Final = max(map(len, OPERATORS))

# Words that say nothing about which rows or figures are asked for.
HARMLESS: Final = word_set(
    """
    compare comparison worked works work logged recorded entered earning earns
    generates brings makes produce produces gets get earned earns had gave gives
    ever overall current currently total totals amount value values number numbers figure made make place
    placed happen happened occur occurred belong belonging associated related corresponding respective
    respectively information breakdown distribution result results output column columns field fields
    together along come came coming live living lived located based reside residing company business shop
    store our system kind kinds sort sorts group groups grouped order sorted per each ordered ranked
    ranking rank using use used include including included contain contains generate create created
    compute calculate calculated determine tell identify report reporting go going went got gotten buy
    bought purchased purchase receive received possible different various separate individual currently
    far date dated time times period recently recent new old since during throughout while if whether
    because overall altogether respectively most least much more less very too still yet already always
    often usually name names called being sign signed up join joined register registered sell sold spend
    spent pay bring question answer sql statement thing things item something anything everything else
    help
    """
)


def find_operators(tokens: Sequence[Token], taken: Sequence[bool]) -> list[Operator]:
    """Find the fixed phrases, longest first, in tokens not taken by something else."""
    found = []
    i = 0
    while i < len(tokens):
        for length in range(min(_LONGEST, len(tokens) - i), 0, -1):
            span = range(i, i + length)
            if any(taken[j] or tokens[j].kind == "quoted" for j in span):
                continue
            key = OPERATORS.get(tuple(tokens[j].lower for j in span))
            if key:
                found.append(Operator(*key, i, i + length))
                i += length
                break
        else:
            i += 1
    return found
