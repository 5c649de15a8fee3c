"""grader schema: JSON Schemas, for editors and for readers of reports."""

from __future__ import annotations

import json
from importlib import resources

import click

from grader import config, spec
from grader.cli import emit


@click.command("schema")
@click.argument("of", type=click.Choice(["exercise", "config", "report"]), default="exercise")
def command(of: str) -> int:
    """Print the JSON Schema of exercise.yaml, of grader.yaml (config) or of the report that --format json writes."""
    if of == "report":
        emit(resources.files("grader").joinpath("report_schema.json").read_text(encoding="utf-8"))
    else:
        emit(json.dumps(spec.json_schema() if of == "exercise" else config.json_schema(), indent=2) + "\n")
    return 0
