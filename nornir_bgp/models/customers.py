"""Who sends from where: the customers' own prefixes."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, RootModel

from nornir_bgp.models.documents import Fault, KeyPath, input_error
from nornir_bgp.models.fields import Prefix
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.validation import validated


class CustomerFile(
    RootModel[
        Annotated[
            dict[
                Annotated[str, Field(min_length=1)],
                Annotated[tuple[Prefix, ...], Field(min_length=1)],
            ],
            Field(min_length=1),
        ]
    ]
):
    """Customers and the prefixes that they send from: name, then a list of prefixes.

    Where prefixes overlap, the longest that holds a sender counts.
    """


def parse_customers(text: str, source: str) -> Mapping[str, str]:
    """Read a file of customers.

    Args:
        text: a JSON document, ``{"customer": ["prefix", ...], ...}``.
        source: the name of its file, for messages.

    Returns:
        Prefix -> customer.

    Raises:
        InputError: a line for each fault, with its place; a prefix of two customers is one.
    """
    document = read_json(text, source)
    owners: dict[str, str] = {}
    faults: list[Fault] = []
    for customer, prefixes in validated(CustomerFile, document.value, document).root.items():
        path: KeyPath = (customer,)
        if not customer.isprintable():
            faults.append(Fault(path, "a customer's name must be printable text; correct it"))
        for n, prefix in enumerate(prefixes):
            if owners.setdefault(prefix, customer) != customer:
                told = f"{prefix} is {owners[prefix]}'s already; keep one of them"
                faults.append(Fault((customer, n), told))
    if faults:
        raise input_error(document, faults)
    return owners
