"""The prediction matrix: how much traffic each customer will send to each prefix."""

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from pydantic import (
    ValidatorFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Document, Fault, KeyPath, input_error
from nornir_bgp.models.fields import Load, Prefix, canonical_prefix
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.prefix_texts import are_canonical_ipv4

MAX_TOTAL = 2**63 - 1
"""The largest total load: what a signed 64-bit integer holds."""

_Customers = Mapping[str, Mapping[Prefix, Load]]


class PredictionMatrix(Model):
    """Predicted traffic; its JSON is what :func:`parse_predictions` reads.

    Attributes:
        customers: customer -> prefix in canonical text -> load, a whole number in the unit of the
            file; both in the file's order.
    """

    customers: _Customers

    @field_validator("customers", mode="wrap")
    @classmethod
    def _keeps_every_load(
        cls, value: object, handler: ValidatorFunctionWrapHandler
    ) -> Mapping[str, Mapping[str, int]]:
        customers: Mapping[str, Mapping[str, int]] = handler(value)
        if isinstance(value, Mapping):
            for customer, row in value.items():
                if len(customers[customer]) != len(row):
                    raise ValueError(
                        f"{customer}: a prefix is given twice in different spellings; keep one"
                    )
        return customers

    @model_validator(mode="after")
    def _is_in_range(self) -> Self:
        fault = self.range_fault()
        if fault is not None:
            raise ValueError(fault)
        return self

    @model_serializer
    def _as_in_the_file(self) -> Mapping[str, Mapping[str, int]]:
        return self.customers

    def range_fault(self) -> str | None:
        """Say what is wrong with the matrix as a whole, if anything is."""
        if not self.loads:
            return "the matrix is empty; give at least one prefix with its load"
        if self.total > MAX_TOTAL:
            return f"the total load is over {MAX_TOTAL}; write loads in a larger unit"
        return None

    @cached_property
    def loads(self) -> Mapping[str, int]:
        """The load of each prefix over all customers, in order of first appearance."""
        first, *others = self.customers.values() if self.customers else ({},)
        loads = dict(first)
        for row in others:
            for prefix, load in row.items():
                loads[prefix] = loads.get(prefix, 0) + load
        return loads

    @cached_property
    def total(self) -> int:
        """The sum of all loads."""
        return sum(self.loads.values())


def parse_predictions(text: str, source: str) -> PredictionMatrix:
    """Read a prediction matrix.

    Args:
        text: a JSON document, ``{"customer": {"prefix": load, ...}, ...}``.
        source: the name of its file, for messages.

    Raises:
        InputError: a fault of syntax, a repeated key, another shape, a name with control
            characters, a bad or repeated prefix, a load that is not a whole number from 0, an
            empty matrix, or a total over 2^63 - 1; a line for each fault, with its place.
    """
    document = read_json(text, source)
    return matrix_in(document, document.value, ())


def matrix_in(document: Document, value: object, path: KeyPath) -> PredictionMatrix:
    """Read the matrix that is one part of a document.

    Args:
        document: the document.
        value: the part.
        path: where in the document it is.

    Raises:
        InputError: as :func:`parse_predictions` says.
    """
    if not isinstance(value, dict):
        told = 'not a prediction matrix; write {"customer": {"prefix": load, ...}, ...}'
        raise input_error(document, [Fault(path, told)])
    faults: list[Fault] = []
    customers = {customer: _row((*path, customer), row, faults) for customer, row in value.items()}
    if faults:
        raise input_error(document, faults)
    # Everything has just been checked, a fault's place at hand; a million entries are not again.
    matrix = PredictionMatrix.model_construct(customers=customers)
    fault = matrix.range_fault()
    if fault is not None:
        raise input_error(document, [Fault(path, fault)])
    return matrix


def _row(path: KeyPath, row: object, faults: list[Fault]) -> dict[str, int]:
    """Read one customer's loads; what is wrong is added to the faults."""
    customer = str(path[-1])
    if not customer or not customer.isprintable():
        faults.append(Fault(path, "a customer's name must be printable text; correct it"))
    if not isinstance(row, dict):
        faults.append(Fault(path, 'not a customer\'s loads; write {"prefix": load, ...}'))
        return {}
    loads: dict[str, int] = {}
    trusted = are_canonical_ipv4([text for text in row if ":" not in text])
    for text, load in row.items():
        prefix = text
        if not trusted or ":" in text:
            try:
                prefix = canonical_prefix(text)
            except ValueError as error:
                faults.append(Fault((*path, text), str(error)))
                continue
            if prefix in loads:
                told = f"{prefix} is given twice in different spellings; keep one of them"
                faults.append(Fault((*path, text), told))
        if type(load) is int and 0 <= load <= MAX_TOTAL:
            loads[prefix] = load
        else:
            faults.append(Fault((*path, text), _load_fault(load)))
    return loads


def _load_fault(load: object) -> str:
    if type(load) is not int:
        kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
        kinds |= {float: "a decimal number", type(None): "null"}
        return f"the load is {kinds[type(load)]}; write a whole number"
    if load < 0:
        return f"the load {load} is negative; write a whole number from 0"
    return f"the load is over {MAX_TOTAL}; write loads in a larger unit"
