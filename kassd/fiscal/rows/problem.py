"""Why an export cannot be made: sentences for a person, nothing is repaired on the way."""

from collections.abc import Iterable
from dataclasses import dataclass

from kassd.errors import DataError


@dataclass(frozen=True, slots=True)
class Problem:
    """``where``: closing and receipt (``Z 12, Beleg 345``); ``message``: German, what is wrong and what to
    do."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class ExportBlocked(DataError):
    """The period cannot be exported as it is."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


CONTRADICTION = (
    "Bitte das Journal prüfen (kassd verify) und die Meldung mit der Sicherung des Journals dem Hersteller "
    "geben; es wird nichts stillschweigend berichtigt."
)
