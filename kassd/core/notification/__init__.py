"""The notification of recording systems (§ 146a Abs. 4 AO): what is told, what is due, what was."""

__all__: list[str] = []
