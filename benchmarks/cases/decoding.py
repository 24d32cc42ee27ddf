"""Bytes to models, and models to bytes, without any network."""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.make_peers import EXTRA
from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Contestant, Turn

OURS = Contestant("here", "decoding", ("--extra", str(EXTRA)))
NO_MSGSPEC = Contestant("here, no msgspec", "decoding", ("--no-msgspec",))
PEER = Contestant("pydantic", "decoding_peer", peer=True)

BASE = "msgspec alone, the same classes"
MINE = "text2everything"
DECODERS = {
    BASE: (OURS, "msgspec"),
    MINE: (OURS, "codec"),
    "text2everything, no msgspec": (NO_MSGSPEC, "codec"),
    "orjson + cattrs": (OURS, "orjson"),
    "json, dicts only": (OURS, "json"),
    "pydantic alone": (PEER, "pydantic"),
    "official 0.1.7": (PEER, "official"),
}
ENCODERS = {
    BASE: (OURS, "msgspec"),
    MINE: (OURS, "codec"),
    "text2everything, no msgspec": (NO_MSGSPEC, "codec"),
    "official 0.1.7": (PEER, "official"),
}


def run(quick: bool) -> Outcome:
    """Decode pages of 1, 100 and 1,000 ratings; encode a new one."""
    outcome = Outcome("decode")
    count, repeats = (2_000, 3) if quick else (20_000, 11)
    with rounds.stub(0) as ports:
        for size in (1, 100, 1000):
            times = max(1, count // size // (1 if size > 1 else 10))
            work = {"port": ports[0], "size": size, "times": times}
            turns = [
                Turn(contestant, "decode", times * size, {**work, "decoder": decoder}, name=name)
                for name, (contestant, decoder) in DECODERS.items()
            ]
            found = rounds.interleaved(turns, repeats)
            outcome.tables.append(Table(f"Decoding pages of {size}, per item", list(found.values()), BASE, by="cpu"))
            if size > 1:
                what = f"time of decoding a page of {size} against msgspec alone"
                outcome.goals.append(Goal(what, ratio(found[MINE], found[BASE], by="cpu"), "<=", 1.5))
    turns = [
        Turn(contestant, "encode", count, {"times": count, "encoder": encoder}, name=name)
        for name, (contestant, encoder) in ENCODERS.items()
    ]
    found = rounds.interleaved(turns, repeats)
    outcome.tables.append(Table("Encoding a new rating", list(found.values()), BASE, by="cpu"))
    outcome.goals.append(
        Goal("time of encoding against msgspec alone", ratio(found[MINE], found[BASE], by="cpu"), "<=", 1.5)
    )
    return outcome
