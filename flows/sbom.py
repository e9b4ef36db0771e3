"""What is installed, as a software bill of materials: ``python -m flows.sbom [FILE]``, CycloneDX 1.6 in JSON.

It says what ``requirements.lock`` says and nothing else, so the same lock gives the same bytes: each package with its
version, its hashes and where it comes in; what only tests need is ``excluded``. Whoever must know whether a
vulnerable library is in use gives the file to any scanner that reads CycloneDX.
"""

from __future__ import annotations

import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from flows.station import PROJECT

#: A pinned package, as uv writes it: ``name==version ; marker \``, its hashes, and who asked for it.
_PIN = re.compile(r"(?P<name>[a-z0-9.-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;\\]+)( ; (?P<marker>[^\\]+?))?( \\)?")
_HASH = re.compile(r"    --hash=sha256:(?P<hash>[0-9a-f]{64})( \\)?")
_VIA = re.compile(r"    #( via)?\s+(?P<via>[^ ]+)( \(pyproject\.toml\))?")


@dataclass
class Pin:
    """One package of the lock: ``via`` names who asks for it, the project itself among them."""

    name: str
    version: str
    marker: str | None = None
    hashes: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)


def pins(lock: str) -> Iterator[Pin]:
    """The packages of a lock. Raises ValueError for a line that uv does not write: nothing may be passed over."""
    pin = None
    for number, line in enumerate(lock.splitlines(), start=1):
        if line.startswith("#") or line == "    # via":
            continue
        if head := _PIN.fullmatch(line):
            if pin:
                yield pin
            pin = Pin(head["name"], head["version"], head["marker"])
        elif pin and (found := _HASH.fullmatch(line)):
            pin.hashes.append(found["hash"])
        elif pin and (found := _VIA.fullmatch(line)):
            pin.via.append(found["via"])
        else:
            raise ValueError(f"requirements.lock, line {number}: is no package, hash or origin; make the lock by uv")
    if pin:
        yield pin


def needed_to_run(found: Iterable[Pin], asked_for: Iterable[str]) -> set[str]:
    """The names of ``asked_for``, as in pyproject.toml, and of all that those bring with them."""
    brings: dict[str, set[str]] = {}
    for pin in found:
        for via in pin.via:
            brings.setdefault(via, set()).add(pin.name)
    needed: set[str] = set()
    ahead = {re.split(r"[^A-Za-z0-9._-]", words, maxsplit=1)[0].lower() for words in asked_for}
    while ahead:
        needed |= ahead
        ahead = {name for one in ahead for name in brings.get(one, ())} - needed
    return needed


def sbom(lock: str, project: str) -> str:
    """The bill of materials of a lock and its pyproject.toml, a JSON text. Raises ValueError where it is no lock."""
    found, told = list(pins(lock)), tomllib.loads(project)["project"]
    needed = needed_to_run(found, told["dependencies"])
    root = Component(name=told["name"], version=told["version"], type=ComponentType.APPLICATION, bom_ref=told["name"])
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, project + lock))
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the same lock gives the same bytes, whenever
    bom.metadata.component = root
    made = [(pin, _component(pin, pin.name in needed)) for pin in found]
    bom.components.update(component for _, component in made)
    for asking in (root, *(component for _, component in made)):
        bom.register_dependency(asking, [component for pin, component in made if asking.name in pin.via])
    return str(JsonV1Dot6(bom).output_as_string(indent=1)) + "\n"


def _component(pin: Pin, is_needed: bool) -> Component:
    url = PackageURL("pypi", name=pin.name, version=pin.version)
    # The hashes are of its files, one of which is installed, and not of one thing: so they stand with its place.
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in pin.hashes]
    files = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(url)), hashes=hashes)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(url),
        purl=url,
        scope=ComponentScope.REQUIRED if is_needed else ComponentScope.EXCLUDED,
        external_references=[files],
        properties=[Property(name="python:marker", value=pin.marker)] if pin.marker else None,
    )


def main(words: list[str]) -> int:
    """Write the bill of materials of this installation to the file named, or to standard output."""
    text = sbom((PROJECT / "requirements.lock").read_text("utf-8"), (PROJECT / "pyproject.toml").read_text("utf-8"))
    if words:
        Path(words[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
