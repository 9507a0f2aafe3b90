"""cyclorama schema: the recipe's JSON schema, for editors."""

import json

import typer


def schema(markdown: bool = typer.Option(False, "--markdown", help="A page of all keys for people instead.")) -> None:
    """Print the JSON schema of recipes; editors complete and check YAML with it.

    Example: `cyclorama schema > recipe.schema.json`
    """
    from cyclorama.scene import schema as recipe_schema
    from cyclorama.scene.reference import reference

    print(reference() if markdown else json.dumps(recipe_schema(), indent=2), end="" if markdown else "\n")
