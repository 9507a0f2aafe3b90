"""cyclorama schema: the recipe's JSON schema, for editors."""

import json


def schema() -> None:
    """Print the JSON schema of recipes; editors complete and check YAML with it.

    Example: `cyclorama schema > recipe.schema.json`
    """
    from cyclorama.scene import schema as recipe_schema

    print(json.dumps(recipe_schema(), indent=2))
