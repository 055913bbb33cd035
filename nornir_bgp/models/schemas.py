"""JSON Schemas of the files that people write and of the documents that the program prints.

They are made of the models that check and print these, so that they cannot say anything else. An
editor uses them to complete and to mark faults; the program checks more than a schema can say.
"""

import inspect
from collections.abc import Callable, Mapping

import docstring_parser
from pydantic import BaseModel, RootModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core.core_schema import DictSchema, FrozenSetSchema, ModelSchema

from nornir_bgp.models.adoption import Adoption
from nornir_bgp.models.base import Model
from nornir_bgp.models.customers import CustomerFile
from nornir_bgp.models.deploy import DeployReport
from nornir_bgp.models.device import Device
from nornir_bgp.models.device_file import DeviceFile
from nornir_bgp.models.forecast import BacktestReport
from nornir_bgp.models.gateways_file import GatewaysDocument
from nornir_bgp.models.given_routes import GivenRoutes
from nornir_bgp.models.nornir_config import Defaults, GroupFile, HostFile, NornirConfig
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport, TraceReport, VerifyReport
from nornir_bgp.models.schema_names import PURPOSES, SchemaName
from nornir_bgp.models.series import Customers, SeriesDocument
from nornir_bgp.models.simulation import Explanation, SimulationReport


class PredictionFile(RootModel[Customers | SeriesDocument]):
    """Predicted traffic: customer, then prefix, then load; or a document of several time slots.

    Loads are whole numbers, all in one unit of your choice.
    """


class _Schemas(GenerateJsonSchema):
    """Makes schemas whose descriptions are those of the models' docstrings."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Leave out titles, which only repeat the fields' names."""
        del schema
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Describe a model and each of its fields."""
        made = super().model_schema(schema)
        for model in reversed(schema["cls"].__mro__):  # what a model inherits, its base describes
            if not issubclass(model, Model):
                continue
            documented = docstring_parser.parse(
                inspect.getdoc(model) or "", docstring_parser.DocstringStyle.GOOGLE
            )
            made["description"] = _plain(documented.description)
            for attribute in documented.params:
                made["properties"][attribute.arg_name]["description"] = _plain(
                    attribute.description
                )
        if self.mode == "serialization":  # later versions may print more
            made.pop("additionalProperties", None)
        return made

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        """Refuse keys that the pattern of the keys refuses."""
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made

    def frozenset_schema(self, schema: FrozenSetSchema) -> JsonSchemaValue:
        """Let a set be written with repetitions, as the models do."""
        made = super().frozenset_schema(schema)
        made.pop("uniqueItems", None)
        return made


def _plain(text: str | None) -> str:
    """One paragraph in the words of a file, and with Markdown's marks of code."""
    return " ".join((text or "").split()).replace("``None``", "`null`").replace("``", "`")


def _written(model: type[BaseModel], mode: JsonSchemaMode) -> JsonSchemaValue:
    return model.model_json_schema(schema_generator=_Schemas, mode=mode)


def _input(model: type[BaseModel]) -> JsonSchemaValue:
    return _written(model, "validation")


def _output(model: type[BaseModel]) -> JsonSchemaValue:
    return _written(model, "serialization")


def _inventory(model: type[BaseModel]) -> JsonSchemaValue:
    """A file of the inventory, whose ``data`` is a device or, with what it inherits, becomes one.

    Nornir gives the device its host's name; which keys a host itself must have depends on its
    groups, so none is required here.
    """
    file, device = _input(model), _input(Device)
    definitions = {**device.pop("$defs"), **file.pop("$defs")}
    device.pop("required")
    device["properties"].pop("hostname")
    for holder in (file, *definitions.values()):
        if "connection_options" in holder.get("properties", {}):
            holder["properties"]["data"] = {"$ref": "#/$defs/Device"}
    return {**file, "$defs": {**definitions, "Device": device}}


_MAKERS: Mapping[SchemaName, Callable[[], JsonSchemaValue]] = {
    "predictions": lambda: _input(PredictionFile),
    "customers": lambda: _input(CustomerFile),
    "gateways": lambda: _input(GatewaysDocument),
    "config": lambda: _input(NornirConfig),
    "hosts": lambda: _inventory(HostFile),
    "groups": lambda: _inventory(GroupFile),
    "defaults": lambda: _inventory(Defaults),
    "devices": lambda: _input(DeviceFile),
    "routes": lambda: _input(GivenRoutes),
    "plan": lambda: _output(Plan),
    "report": lambda: _output(DistributeReport),
    "verify": lambda: _output(VerifyReport),
    "trace": lambda: _output(TraceReport),
    "simulation": lambda: _output(SimulationReport),
    "explanation": lambda: _output(Explanation),
    "deploy": lambda: _output(DeployReport),
    "adoption": lambda: _output(Adoption),
    "backtest": lambda: _output(BacktestReport),
}


def schema_of(name: SchemaName) -> JsonSchemaValue:
    """Make the JSON Schema (draft 2020-12) of a file or an output."""
    made = _MAKERS[name]()
    made.pop("title")
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": f"nornir-bgp: {PURPOSES[name]}",
        **made,
    }
