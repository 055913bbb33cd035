"""Text from files and routers, made harmless for whoever shows it."""


def printable(text: str) -> str:
    """Replace what would command a terminal, or is no character of HTML or XML.

    Control characters other than line feed and tab, direction overrides, invisible characters and
    lone surrogates become U+FFFD.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def json_printable(document: str) -> str:
    """Write the same characters of a JSON document as escapes; it says what it said."""
    if all(map(str.isprintable, document.split("\n"))):
        return document
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in document)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
