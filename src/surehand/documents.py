"""Documents a provider edits as YAML (a plan, an ECM profile): read whole, or refused with reasons.

Every problem is one sentence with the line it is on, so that somebody who has never seen YAML
can mend it. All problems are gathered; a document with any problem is not read at all.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import jsonschema
import yaml

LONGEST = 1_000_000
"""Characters; a starter plan has about 40,000."""

Path = tuple[str | int, ...]
"""Where a value stands, e.g. `("competencies", 3, "check", "validity_months")`."""

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")


class DocumentProblem(ValueError):
    """A document was refused; `problems` says what, where and what to do, one sentence each.
    `found` are the same without their lines, each with the place of the value it is about."""

    def __init__(self, problems: list[str], found: Sequence[tuple[Path, str]] = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.found = tuple(found)


class _WithoutShortcuts(yaml.SafeLoader):
    """An alias repeats what it names, so that a short text could unfold into a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(
                None, None, "shortcuts with * are not read here; write it out", mark
            )
        return super().compose_node(parent, index)


class Document:
    """The content of a YAML text, and the line each value stands on.

    Plain YAML only: no aliases, tags, dates or yes/no switches, so that what is read is what is
    written (`no` is the word "no"). Raises DocumentProblem.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[tuple[int, str]] = []
        self.found: list[tuple[Path, str]] = []
        self._lines: dict[Path, int] = {}
        if len(text) > LONGEST:
            raise DocumentProblem([f"The document is longer than {LONGEST:,} characters."])
        try:
            node = yaml.compose(text, Loader=_WithoutShortcuts)
            self.content: Any = self._read(node, ()) if node else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"Line {mark.line + 1}: " if mark else ""
            raise DocumentProblem(
                [f"{where}this is not valid YAML ({error.problem}). Check spaces and quotes there."]
            ) from None
        except yaml.YAMLError:
            raise DocumentProblem(
                ["This is not a YAML document: it holds characters that cannot be read."]
            ) from None
        except RecursionError:
            raise DocumentProblem(["The document is nested too deeply to be read."]) from None

    def _read(self, node: yaml.Node, path: Path) -> Any:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return [self._read(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
                if key in found:
                    self.problem(
                        (*path, key), f"“{key}” is given twice; keep one.", key_node.start_mark.line
                    )
                found[key] = self._read(value_node, (*path, key))
            return found
        value = str(node.value)
        if getattr(node, "style", None) is None:
            if value in ("", "~", "null"):
                return None
            if value in ("true", "false"):
                return value == "true"
            if _WHOLE_NUMBER.fullmatch(value):
                return int(value)
        return value

    def line(self, path: Path) -> int:
        """The line (from 1) of the value there, or of the nearest thing that holds it."""
        while path not in self._lines and path:
            path = path[:-1]
        return self._lines.get(path, 1)

    def problem(self, path: Path, sentence: str, line: int | None = None) -> None:
        """Note what is wrong at `path`; `refuse_if_wrong` raises all that was noted."""
        self.problems.append((self.line(path) if line is None else line + 1, sentence))
        self.found.append((path, sentence))

    def check_shape(self, schema: dict[str, Any]) -> None:
        """Note everything that does not fit the JSON Schema, and refuse if anything did not."""
        validator = jsonschema.Draft202012Validator(schema)
        for error in validator.iter_errors(self.content):
            self.problem(tuple(error.absolute_path), _sentence(error))
        self.refuse_if_wrong(DocumentProblem)

    def refuse_if_wrong(self, refusal: type[DocumentProblem]) -> None:
        if self.problems:
            ordered = dict.fromkeys(f"Line {n}: {said}" for n, said in sorted(self.problems))
            raise refusal(list(ordered), self.found)


def _name(path: Iterator[str | int] | Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    return f"“{names[-1]}”" if names else "the document"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


_KINDS = {
    "string": "text (put it in quotes if it is a number)",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of named values",
    "null": "nothing",
}


def _sentence(error: jsonschema.ValidationError) -> str:
    """What the schema found, in words for somebody who does not know schemas."""
    name = _name(tuple(error.absolute_path))
    rule = str(error.validator)
    wanted: Any = error.validator_value
    found: Any = error.instance
    if rule == "required":
        missing = [key for key in wanted if key not in found]
        return f"{_listed(missing)} missing from {name}; add it."
    if rule == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        unknown = [key for key in found if key not in known]
        return f"{_listed(unknown)} not known in {name}; remove it or check the spelling."
    if rule == "type":
        kinds: list[str] = wanted if isinstance(wanted, list) else [wanted]
        words = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
        return f"{name} must be {words}, not {_shown(found)}."
    if rule == "enum":
        return f"{name} is {_shown(found)}; it must be one of {', '.join(map(str, wanted))}."
    if rule == "const":
        return f"{name} is {_shown(found)}; it must be {wanted}."
    if rule in ("minimum", "maximum"):
        bound = "at least" if rule == "minimum" else "at most"
        return f"{name} is {_shown(found)}; it must be {bound} {wanted}."
    if rule == "minItems" and wanted > 1:
        return f"{name} has too few; at least {wanted}."
    if rule in ("minLength", "minItems", "minProperties"):
        return f"{name} is empty; fill it in."
    if rule in ("maxLength", "maxItems"):
        return f"{name} is too long; at most {wanted}."
    if rule == "uniqueItems":
        return f"{name} holds the same value twice; keep one."
    if rule == "pattern":
        described = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
        return f"{name} is {_shown(found)}; {described or 'it does not have the right form'}."
    if rule == "anyOf":
        described = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
        return f"{name}: {described or 'it does not have any of the forms allowed'}."
    return f"{name} is not right: {error.message[:200]}"


def _listed(names: list[str]) -> str:
    quoted = ", ".join(f"“{name}”" for name in names[:5])
    return f"{quoted} {'is' if len(names) == 1 else 'are'}"


class PlainDumper(yaml.SafeDumper):
    """Writes documents the way people read them: block style, short lists on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _list_on_one_line(dumper: PlainDumper, values: list[Any]) -> yaml.Node:
    short = all(isinstance(value, str | int) and len(str(value)) <= 24 for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


PlainDumper.add_representer(list, _list_on_one_line)


def written(content: Any) -> str:
    """YAML that `Document` reads back as the same content."""
    return yaml.dump(content, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=96)
