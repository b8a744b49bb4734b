"""Check digits: of numbers (GS1 General Specifications 7.9.1), of prices and weights in them (7.9.2 ff.)."""

# What a digit counts: its own place is the index. Named as in 7.9.2.
_TWO_MINUS = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_THREE = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_FIVE_PLUS = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_FIVE_MINUS = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)
_FOUR_DIGITS = (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS)
_FIVE_DIGITS = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)

VALUE_LENGTHS = (len(_FOUR_DIGITS), len(_FIVE_DIGITS))
GTIN_LENGTHS = (8, 12, 13, 14)


def is_digits(text: str) -> bool:
    """Whether ``text`` is digits 0 to 9 and nothing else, and not empty."""
    return text.isascii() and text.isdigit()


def gtin_check_digit(digits: str) -> int:
    """Check digit for the digits that precede it (weights 3, 1, 3 … from the right)."""
    return -(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10


def ends_with_check_digit(digits: str) -> bool:
    """Whether the last of ``digits`` is the check digit of the others."""
    return is_digits(digits) and gtin_check_digit(digits[:-1]) == int(digits[-1])


def has_wrong_check_digit(code: str) -> bool:
    """Whether ``code`` looks like a GTIN-8/12/13/14 and its last digit does not fit."""
    return len(code) in GTIN_LENGTHS and is_digits(code) and not ends_with_check_digit(code)


def value_check_digit(value: str) -> int:
    """Check digit of a price or weight of four or five digits within an in-store number."""
    weights = _FOUR_DIGITS if len(value) == len(_FOUR_DIGITS) else _FIVE_DIGITS
    total = sum(weight[int(digit)] for weight, digit in zip(weights, value, strict=True))
    return total * 3 % 10 if weights is _FOUR_DIGITS else _FIVE_MINUS.index(-total % 10)
