"""GS1 Digital Link (URI Syntax 1.6): a web address that names an article, any host, uncompressed.

``https://host/stem/01/04006381333931/10/ABC?17=271231``: the last primary key in the path, its qualifiers in
their order, attributes behind the question mark. Parameters that are no AI are somebody else's and ignored.
A GTIN with its leading zeros left out, as older links have it, is read with a warning; names instead of
numbers (``/gtin/``, withdrawn with version 1.2) are not.
"""

import re
from collections.abc import Iterator

from kassd.core.barcodes.check_digit import GTIN_LENGTHS, is_digits
from kassd.core.barcodes.elements import Parsed, check, has_form, wrong_value
from kassd.core.barcodes.reading import Element, problem
from kassd.core.barcodes.rules import LINK_KEYS, NOT_IN_QUERY, is_link_path
from kassd.core.barcodes.table import identifiers
from kassd.core.verdict import Finding

_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_PARTS = re.compile(
    r"https?://([A-Za-z0-9\-.:\[\]]+)(/[^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE
)  # host, path, query
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_PACKED = re.compile(r"/(?=[^/]*[A-Z])(?=[^/]*[a-z])(?=[^/]*\d)[\w-]{10,}", re.ASCII)


def is_link(text: str) -> bool:
    """Whether ``text`` is a web address, so that it may be a Digital Link."""
    return text[:8].lower().startswith(("http://", "https://"))


def parse_link(uri: str) -> Parsed:
    """Elements of a Digital Link: the path's, then the query's."""
    if not _URI.fullmatch(uri):
        return (), (problem("link_form", "unerlaubte Zeichen"),)
    parts = _PARTS.fullmatch(uri)
    if parts is None:
        return (), (problem("link_form", "Rechnername oder Pfad fehlt"),)
    path, query = parts[2], parts[3] or ""
    pairs = _path_pairs(path)
    if not pairs:
        return (), (problem("link_compressed" if _PACKED.fullmatch(path) else "link_without_key"),)
    elements: list[Element] = []
    findings: list[Finding] = []
    keys = tuple(ai for ai, _ in pairs)
    if not is_link_path(keys):
        findings.append(problem("link_path", ", ".join(f"({ai})" for ai in keys)))
    for ai, raw in pairs:
        value = _decoded(raw)
        if ai == "01" and len(value) in GTIN_LENGTHS[:-1] and is_digits(value):
            findings.append(problem("gtin_short", value, where=ai))
            value = value.zfill(GTIN_LENGTHS[-1])
        elements.append(Element(ai, identifiers()[ai].title, value))
    for ai, value in _query_pairs(query):
        if ai not in identifiers():
            return tuple(elements), (*findings, problem("ai_unknown", f"{ai}="))
        if ai in {element.ai for element in elements}:
            findings.append(problem("link_twice", ai, where=ai))
        elif ai in NOT_IN_QUERY or _belongs_into(keys, ai):
            findings.append(problem("link_attribute", ai, where=ai))
        elements.append(Element(ai, identifiers()[ai].title, value))
    for element in elements:
        if not has_form(identifiers()[element.ai], element.value):
            findings.append(wrong_value(identifiers()[element.ai], element.value))
            return tuple(elements), tuple(findings)
    return tuple(elements), (*findings, *check(elements))


def _path_pairs(path: str) -> list[tuple[str, str]]:
    """AIs and raw values from the last primary key on; none without one."""
    segments = path.split("/")[1:]
    for at in range(len(segments) - 2, -1, -2):
        if segments[at] not in identifiers():
            break
        if segments[at] in LINK_KEYS:
            return list(zip(segments[at::2], segments[at + 1 :: 2], strict=True))
    return []


def _query_pairs(query: str) -> Iterator[tuple[str, str]]:
    for part in query.split("&"):
        key, equals, value = part.partition("=")
        if equals and is_digits(key):
            yield key, _decoded(value.replace("+", " "))


def _belongs_into(path: tuple[str, ...], ai: str) -> bool:
    return any(is_link_path((*path[:at], ai, *path[at:])) for at in range(1, len(path) + 1))


def _decoded(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
