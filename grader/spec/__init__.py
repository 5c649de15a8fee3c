"""Exercise specs: a folder's exercise.yaml becomes a `grader.model.Exercise`.

Start with `load`, which reads the document (`yaml_source`), validates its outline (`schema`, by
pydantic), and reads `values` and `steps` with the forms of `values` and `steps`; `scope` then follows the
names through each case. Everything that is wrong is told at once, with line and suggestion (`problems`).
"""

from grader.spec.load import find_exercises, json_schema, load_exercise

__all__ = ["find_exercises", "json_schema", "load_exercise"]
