"""What sections of a recipe are made of: checked keys, numbers that may be drawn, and files."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from cyclorama.core.errors import did_you_mean
from cyclorama.core.plugins import plugin_names
from cyclorama.scene.distributions import Distribution


class Section(BaseModel):
    """A part of a recipe; unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=True, allow_inf_nan=False
    )

    def unused_files(self) -> tuple[str, ...]:
        """Its keys that name files of which nothing would be shown; they need not be there."""
        return ()


FileKind = Literal["decal", "environment map", "label", "material", "model", "photo", "texture"]


@dataclass(frozen=True)
class Files:
    """Annotates a key that names files of a kind, folders of them, or "builtin"."""

    kind: FileKind


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# A single file or folder needs no brackets.
ONE_AS_LIST = BeforeValidator(_one_as_list, json_schema_input_type=str | list[str])
_Places = Annotated[list[str], ONE_AS_LIST]
# Names and patterns, as of files: "label*".
Patterns = _Places
EnvironmentMaps = Annotated[_Places, Files("environment map")]
Decals = Annotated[_Places, Files("decal")]
Labels = Annotated[_Places, Files("label")]
# Built-in families, and folders of sets of maps.
Materials = Annotated[_Places, Files("material")]
Models = Annotated[_Places, Files("model")]
Photos = Annotated[_Places, Files("photo")]
Textures = Annotated[_Places, Files("texture")]


def files_of(section: type[BaseModel]) -> dict[str, FileKind]:
    """The section's keys that name files, and of which kind."""
    return {
        name: found.kind
        for name, field in section.model_fields.items()
        for found in field.metadata
        if isinstance(found, Files)
    }


def builtin_files() -> Any:
    """Default of a key that names files: all that are built in."""
    return Field(default=["builtin"], min_length=1)


def fixed(value: float) -> Any:
    """Default of a number: always this."""
    return Field(default=Distribution("constant", (value,)))


def between(low: float, high: float) -> Any:
    """Default of a number: anything between two, all alike."""
    return Field(default=Distribution("uniform", (low, high)))


def count_between(low: int, high: int) -> Any:
    """Default of a whole number: any from ``low`` to ``high``."""
    return Field(default=Distribution("randint", (low, high)))


def share(value: float) -> Any:
    """A share of all cases, from 0 to 1, and its default."""
    return Field(default=value, ge=0, le=1)


def named_plugin(kind: str, folder: str, *others: str) -> AfterValidator:
    """Annotates the name of a plugin, or one of ``others``: a wrong one is found before the first image."""

    def known(name: str) -> str:
        names = (*others, *plugin_names(folder))
        if name not in names:
            raise ValueError(f"no {kind} '{name}'.{did_you_mean(name, names)}")
        return name

    return AfterValidator(known)
