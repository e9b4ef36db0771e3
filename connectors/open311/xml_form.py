"""GeoReport v2 XML → the same shapes as its JSON: elements become keys, repeated ones lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.kit import DeliveryError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Elements nested deeper than this are no request: the specification has three levels, extensions five.
DEEPEST = 20


def records_of_xml(text: str) -> Any:
    """A list of requests or services, or a single object, as ``json.loads`` would have given it.

    Raises DeliveryError with ``bad_xml``; entities and document types are refused, not expanded.
    """
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise DeliveryError("bad_xml", "the answer is not whole and plain XML; it may be cut short") from None
    name = _name(root)
    if name in ("service_requests", "requests"):
        return [_value(child, 1) for child in root]
    if name == "services":
        return {"services": [_value(child, 1) for child in root]}
    if name in ("errors", "error"):
        return {"errors": True}
    return {name: [_value(root, 1)]}


def _name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _value(element: Element, depth: int) -> Any:
    """Text, None for an empty element, or a dict of the children."""
    if depth > DEEPEST:
        raise DeliveryError("bad_xml", "the answer's elements are nested too deep to be requests")
    if not len(element):
        return element.text
    children: dict[str, Any] = {}
    for child in element:
        name, value = _name(child), _value(child, depth + 1)
        if name not in children:
            children[name] = value
        elif isinstance(children[name], list):
            children[name].append(value)
        else:
            children[name] = [children[name], value]
    return children
