"""What every section of the configuration is made of."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from kassd.core.lettering import unprintable

NAME = r"^[a-z0-9][a-z0-9-]{0,31}$"
SPACES = str.maketrans("\u00a0\u202f", "  ")  # between a number and its unit: a space as any other

Name = Annotated[str, Field(pattern=NAME)]


class Section(BaseModel):
    """A section: unknown keys are errors, nothing changes after loading. A text is one line that can be
    printed, exported, or name a file; ``RAW``: keys whose texts are what a device sends."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    RAW: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*")
    @classmethod
    def _is_one_line(cls, value: Any, info: ValidationInfo) -> Any:
        for text in () if info.field_name in cls.RAW else _texts(value):
            if odd := unprintable(text.translate(SPACES)):
                raise ValueError(f"darin steht {odd}; erwartet wird eine Zeile ohne Steuerzeichen")
        return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys of tables and paths included."""
    if isinstance(value, str | Path):
        yield str(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (*_texts(key), *_texts(item))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
