"""Filter, sort and sum over everything the journal says, read-only (§ 147 Abs. 6 AO, Z1).

``Records`` opens the data, ``Query`` says what is asked of one table, ``ask`` answers.
"""

from kassd.fiscal.query.asking import Answer, Condition, Query, ask
from kassd.fiscal.query.reader import VIEWS, Records

__all__ = ["VIEWS", "Answer", "Condition", "Query", "Records", "ask"]
