"""XML as a tree whose elements know their lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from nornir_bgp.exceptions import InputError


@dataclass(slots=True)
class Element:
    """One element.

    Attributes:
        name: its tag.
        attributes: name -> value.
        source: the name of the file.
        line: where it begins.
        children: the elements in it.
        text: its text, without what its children hold.
    """

    name: str
    attributes: dict[str, str]
    source: str
    line: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def fail(self, message: str) -> NoReturn:
        """Say what is wrong with this element.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.source}:{self.line}: <{self.name}>: {message}")

    def attribute(self, name: str) -> str:
        """Return an attribute that has to be there."""
        value = self.attributes.get(name)
        if not value:
            self.fail(f"no attribute {name!r}; add it")
        return value

    def find(self, path: str) -> "Element | None":
        """Return the first element on a path of tags with ``/`` between."""
        return next(self.find_all(path), None)

    def find_all(self, path: str) -> Iterator["Element"]:
        """Yield the elements on a path of tags with ``/`` between."""
        tag, _, rest = path.partition("/")
        for child in self.children:
            if child.name == tag:
                if rest:
                    yield from child.find_all(rest)
                else:
                    yield child


def parse_xml(content: bytes, source: str) -> Element:
    """Read a document.

    Entities can only be declared by a DOCTYPE, so none that has one is read: a few of them, each
    made of the last, would fill the memory, or name other files.

    Args:
        content: the file as it is; the document says its encoding.
        source: its name, for messages.

    Raises:
        InputError: it is not XML, or has a DOCTYPE.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root: list[Element] = []
    path: list[Element] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes, source, parser.CurrentLineNumber)
        (path[-1].children if path else root).append(element)
        path.append(element)

    def end(name: str) -> None:
        del name
        path.pop()

    def add_text(text: str) -> None:
        path[-1].text += text

    def refuse(*_: object) -> None:
        raise InputError(
            f"{source}:{parser.CurrentLineNumber}: a DOCTYPE is not read, since it may declare "
            "entities; remove it"
        )

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = add_text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, InputError):
            raise
        at = f"{source}:{parser.CurrentLineNumber}"
        raise InputError(f"{at}: not XML: {error}; mend the text here") from None
    return root[0]
