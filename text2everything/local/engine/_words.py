"""Tokens, stems, numbers and synonyms."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import attrs


def word_list(text: str) -> list[str]:
    """Return the words in a text as a list."""
    return text.split()


def word_set(text: str) -> frozenset[str]:
    """Return the words in a text as a set."""
    return frozenset(text.split())


# Words without a meaning of their own in a question about data.
FILLERS: Final = word_set(
    """
    a an the this that these those there here it its they them their theirs he she his her i me my mine we
    us our ours you your yours one is are was were be been being am do does did done doing have has had
    having will would can could shall should may might must show list display give get find fetch return
    print see view tell want need like know let look retrieve pull provide bring select query what whats
    which who whom whose how when where please kindly thanks thank hello hi hey ok just only also so then
    now currently actually exactly really of for to in on at with from as into within among amongst up
    about than via and or all any every entire whole complete full some many much records record rows row
    entries entry table tables database db data exist existing available present s t re ve ll d m
    """
)

_NUMBERS: Final = """
    1=one 1=single 2=two 2=couple 3=three 4=four 5=five 6=six 7=seven 8=eight 9=nine 10=ten 11=eleven 12=twelve
    12=dozen 15=fifteen 20=twenty 25=twentyfive 30=thirty 40=forty 50=fifty 60=sixty 90=ninety 100=hundred
    1000=thousand
"""
NUMBERS: Final = {word: int(number) for number, word in (pair.split("=") for pair in _NUMBERS.split())}

# What people shorten in the names of tables and columns.
_ABBREVIATIONS: Final = """
    addr=address amt=amount avg=average cat=category ctry=country cust=customer dept=department desc=description
    dob=birthdate dt=date emp=employee inv=invoice nm=name nbr=number num=number ord=order prc=price prod=product
    qty=quantity tel=phone tot=total val=value
"""
ABBREVIATIONS: Final = dict(pair.split("=") for pair in _ABBREVIATIONS.split())

# Each line is one meaning; its first word stands for the others where no name matches exactly.
_SAME: Final = """
    customer client buyer shopper, user member, product item article good merchandise, order purchase,
    employee staff worker personnel colleague, department division, supplier vendor, invoice bill,
    salary pay wage compensation, amount total value worth, revenue sale turnover income earning proceeds,
    price cost, country nation, city town, quantity unit, phone telephone mobile, email mail,
    category type kind segment class, status state stage,
    signup registration registered joined signed joining register join enrolled, created opened added,
    name title label, date day, birthdate birthday, hired hire started
"""
LEADERS: Final = {word: line.split()[0] for line in _SAME.split(",") for word in line.split()}

DEMONYMS: Final = dict(
    pair.split("=")
    for pair in word_list(
        """
    american=usa argentinian=argentina australian=australia austrian=austria belgian=belgium
    brazilian=brazil british=uk canadian=canada chilean=chile chinese=china colombian=colombia
    croatian=croatia czech=czechia danish=denmark dutch=netherlands egyptian=egypt english=england
    finnish=finland french=france german=germany greek=greece hungarian=hungary indian=india
    indonesian=indonesia irish=ireland israeli=israel italian=italy japanese=japan kenyan=kenya
    korean=korea mexican=mexico moroccan=morocco nigerian=nigeria norwegian=norway peruvian=peru
    polish=poland portuguese=portugal romanian=romania scottish=scotland singaporean=singapore
    spanish=spain swedish=sweden swiss=switzerland thai=thailand turkish=turkey ukrainian=ukraine
    vietnamese=vietnam
    """
    )
)

_IRREGULARS: Final = """
    people=person persons=person children=child men=man women=woman mice=mouse analyses=analysis series=series
    news=news colour=color colours=color centre=center centres=center
"""
_IRREGULAR: Final = dict(pair.split("=") for pair in _IRREGULARS.split())

_TOKEN = re.compile(
    r"""
    "(?P<double>[^"]+)" | (?<!\w)'(?P<single>[^']+)'(?!\w) | `(?P<back>[^`]+)`
    | (?P<number>(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\w.])\d+(?:\.\d+)?)
      (?P<scale>\s?(?:k|m|million|thousand)\b)?
    | (?P<word>[^\W\d_][^\W_]*(?:['][^\W\d_]+)?)
    | (?P<symbol><=|>=|!=|<>|==|[<>=%#+,])
    | (?P<alnum>[^\W_]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The letters with cases: Latin with all accents, Greek, Cyrillic, Armenian.
_CASED: Final = [chr(code) for code in range(0x590) if chr(code).isalpha()]
_UPPER: Final = "".join(letter for letter in _CASED if letter.isupper())
_LOWER: Final = "".join(letter for letter in _CASED if not letter.isupper())
_CAMEL = re.compile(
    f"[{_UPPER}]+(?=[{_UPPER}][{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|[{_UPPER}]+|\\d+|[^\\W\\d_{_UPPER}{_LOWER}]+"
)
_SCALES: Final = {"k": 1000, "thousand": 1000, "m": 1_000_000, "million": 1_000_000}
# The longest number worth reading; a longer one is kept as text.
_MAX_DIGITS: Final = 18


@attrs.frozen
class Token:
    """One word, number, quoted text or symbol of a question, with its position."""

    text: str
    stem: str
    kind: str
    start: int
    end: int
    value: int | float | None = None

    @property
    def lower(self) -> str:
        """The word as written, in lower case."""
        return self.text.casefold()


# Curly and angular quotes, and dashes of all lengths.
_PLAIN: Final = (
    dict.fromkeys((0x201C, 0x201D, 0x201E, 0xAB, 0xBB), '"')
    | dict.fromkeys((0x2018, 0x2019, 0x201A), "'")
    | dict.fromkeys((0x2011, 0x2013, 0x2014, 0x2212), "-")
)


def clean(text: str) -> str:
    """Bring typographic variants (full-width letters, curly quotes, dashes) to their plain form."""
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


# Plurals that add two letters; "houses" and "causes" do not.
_LONG_PLURAL: Final = re.compile(r".(?:ches|shes|xes|sses|zzes)$|..(?<![ao])uses$")


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Reduce a word to its singular, in lower case.

    Example:
        >>> stem("Categories"), stem("addresses"), stem("status")
        ('category', 'address', 'status')
    """
    word = word.casefold().removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(("lled", "lling")):  # cancelled and canceled are one word
        word = word.replace("lled", "led").replace("lling", "ling")
    if _LONG_PLURAL.search(word):
        word = word[:-2]
    elif len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        word = word[:-1]
    # movies and categories alike: what is left of -ies is -ie
    return word[:-2] + "y" if len(word) > 3 and word.endswith("ie") else word  # noqa: PLR2004


def first_synonym(word: str) -> str:
    """Return the first of the synonyms of a stem: "client" becomes "customer"."""
    return LEADERS.get(word, word)


@lru_cache(maxsize=1024)
def tokenize(text: str) -> tuple[Token, ...]:
    """Split a question into tokens; hyphens and underscores separate words."""
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if quoted := match["double"] or match["single"] or match["back"]:
            found.append(Token(quoted, quoted.casefold(), "quoted", start, end))
        elif (digits := match["number"]) and len(digits) <= _MAX_DIGITS:
            number = digits.replace(",", "")
            value: int | float = float(number) if "." in number else int(number)
            if match["scale"]:
                value *= _SCALES[match["scale"].strip().casefold()]
                value = int(value) if value == int(value) else value
            found.append(Token(match[0], str(value), "number", start, end, value))
        elif match["symbol"]:
            found.append(Token(match[0], match[0], "symbol", start, end))
        else:
            word = match[0]
            found.append(Token(word, stem(word), "word", start, end, NUMBERS.get(word.casefold())))
    return tuple(found)


@lru_cache(maxsize=4096)
def identifier_words(name: str) -> tuple[str, ...]:
    """Split a table's or column's name into stems, abbreviations written out.

    Example:
        >>> identifier_words("CustOrderItems"), identifier_words("signup_date")
        (('customer', 'order', 'item'), ('signup', 'date'))
    """
    words = (stem(word) for word in _CAMEL.findall(clean(name)))
    return tuple(ABBREVIATIONS.get(word, word) for word in words)


NEGATING_PREFIXES: Final = ("in", "un", "non", "dis", "de", "im", "ir", "not")
