"""Text from files and routers, made harmless for whoever shows it."""


def printable(text: str) -> str:
    """Replace what would command a terminal, or is no character of HTML or XML.

    Control characters other than line feed and tab, direction overrides, invisible characters and
    lone surrogates become U+FFFD.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
