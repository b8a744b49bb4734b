"""The configuration annex: what is in force, hashed into the journal per change and closing (GoBD Rz 154)."""

import hashlib
import json
from typing import Any

from kassd.core import facts as f
from kassd.core.codec import encode
from kassd.core.decision import Draft
from kassd.core.evolve import ARTICLE_KEY
from kassd.core.state import State

CAUSES = (f.ConfigChanged, f.TseBound, f.TseReplaced, f.TillClosed)


def annex(state: State) -> dict[str, Any]:
    """Everything that is configured: master data, tax rates, program, TSE with its certificates. Articles
    and prices are not: each of their changes is a fact of its own."""
    return {
        "config": dict(sorted(encode(state.config).items())),
        "rates": {str(key): f"{rate:f}" for key, rate in sorted(state.rates.items())},
        "software": state.software,
        "build": state.build,
        "tse": encode(state.tse.bound),
    }


def annex_text(state: State) -> str:
    """The annex as JSON without spaces, keys in order."""
    return json.dumps(annex(state), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def annex_hash(state: State) -> str:
    """SHA-256 of the annex' text in UTF-8."""
    return hashlib.sha256(annex_text(state).encode()).hexdigest()


def settle_annex(d: Draft) -> None:
    """If the decision changed what is in force, or closed the till, its hash is a fact too."""
    causes = [fact for fact in d.facts if isinstance(fact, CAUSES)]
    if not any(not isinstance(c, f.ConfigChanged) or not c.key.startswith(ARTICLE_KEY) for c in causes):
        return
    found = annex_hash(d.state)
    if found != d.state.annex or any(isinstance(c, f.TillClosed) for c in causes):
        d.fact(f.ConfigAnnex(d.at, found))
