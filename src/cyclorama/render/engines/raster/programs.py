"""Shaders, from the files of ``shaders/``."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import moderngl

VERSION = "#version 330 core\n"
SAMPLER_2D = 0x8B5E


@cache
def _source(name: str) -> str:
    return (files(__package__) / "shaders" / name).read_text(encoding="utf-8")


def new_program(
    context: moderngl.Context, vertex: str, fragment: Sequence[str], defines: Sequence[str] = ()
) -> moderngl.Program:
    """A program of a vertex shader's file and the files of a fragment shader, one after the other.

    Args:
        context: OpenGL.
        vertex: File name.
        fragment: File names.
        defines: Names that the preprocessor knows.
    """
    head = VERSION + "".join(f"#define {name}\n" for name in defines)
    program = context.program(
        vertex_shader=head + _source(vertex), fragment_shader=head + "\n".join(map(_source, fragment))
    )
    _number_units(program)
    return program


def assign(program: moderngl.Program, **values: Any) -> None:
    """Set uniforms: numbers, tuples, or bytes of matrices by columns; what the shader doesn't use is passed over."""
    for name, value in values.items():
        uniform = program.get(name, None)
        if not isinstance(uniform, moderngl.Uniform):
            continue
        if isinstance(value, bytes):
            uniform.write(value)
        else:
            uniform.value = value


def bind(program: moderngl.Program, **textures: moderngl.Texture) -> None:
    """Give samplers their textures; ``new_program`` has told them their units."""
    for name, texture in textures.items():
        uniform = program.get(name, None)
        if isinstance(uniform, moderngl.Uniform):
            texture.use(uniform.value)


def _number_units(program: moderngl.Program) -> None:
    """Give every sampler of a program a texture unit of its own, once."""
    unit = 0
    for name in program:
        member = program[name]
        if isinstance(member, moderngl.Uniform) and member.gl_type == SAMPLER_2D:  # type: ignore[attr-defined]
            member.value = unit
            unit += 1
