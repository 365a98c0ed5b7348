"""The form that existing callers send: query parameters, with a flag for each category.

The card says what each parameter is. Values are read as the first service read them,
which took anything that spells a number, ignored other parameters, and took the first
of several of one name. What has no meaning, such as two categories at once, is refused.

The answer has the first service's form, too: a JSON string that holds a JSON object.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flask import Blueprint, Response, request
from model_monitor import Card, Fault
from model_monitor.card.inputs import MISSING, Categorical
from model_monitor.spelling import number_in, spelled

from .api import PATH
from .deciding import analyzer


class QueryForm:
    """The query parameters of a card. The card must have some."""

    def __init__(self, card: Card) -> None:
        if card.query is None:
            raise ValueError("the card has no query parameters")
        self.query = card.query
        self.inputs = card.inputs
        self.plain: dict[str, str] = {}
        self.flags: dict[str, dict[str, str]] = {}
        for parameter, source in card.query.parameters.items():
            name, is_flag, category = source.partition("=")
            if is_flag:
                self.flags.setdefault(name, {})[parameter] = category
            else:
                self.plain[parameter] = source

    def fields(self, query: Mapping[str, str]) -> tuple[dict[str, object], list[Fault]]:
        """The application in a query, and what is wrong with its flags."""
        fields = {
            name: spelled(self.inputs[name], query[parameter])
            for parameter, name in self.plain.items()
            if parameter in query
        }
        faults = []
        for name, flags in self.flags.items():
            values = {flag: number_in(query[flag]) for flag in flags if flag in query}
            chosen = [flag for flag, value in values.items() if value == 1]
            others = [flag for flag, value in values.items() if value == 0]
            if len(chosen) == 1 and len(others) == len(flags) - 1:
                fields[name] = self.value(name, flags[chosen[0]])
            elif values or not self.inputs[name].optional:
                faults.append(self._not_one_hot(name, values))
        return fields, faults

    def value(self, name: str, category: str) -> object:
        """The value of an input whose flag for `category` is 1."""
        found = self.inputs[name]
        known = found.known if isinstance(found, Categorical) else ()
        if category == MISSING and category not in known:
            return None
        return spelled(found, category)

    def _not_one_hot(self, name: str, given: Mapping[str, object]) -> Fault:
        flags = self.flags[name]
        missing = [flag for flag in flags if flag not in given]
        return Fault(
            name,
            "missing" if missing else "not_one_hot",
            f"must be 1 for one of {', '.join(flags)} and 0 for the others",
            ", ".join(missing or flags),
        )

    def named(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """The faults of fields that are no flags, by the names of their parameters."""
        parameters = {name: parameter for parameter, name in self.plain.items()}
        for fault in faults:
            if fault.field in parameters:
                yield replace(fault, parameter=parameters[fault.field])

    def answer(self, score: float, decision: str) -> str:
        """What existing callers read: an object in a string."""
        fields = {
            self.query.score: round(score, 4),
            self.query.decision: self.query.texts.get(decision, decision),
        }
        return json.dumps(json.dumps(fields))


def query_api(form: QueryForm) -> Blueprint:
    """The endpoint of callers that send query parameters."""
    blueprint = Blueprint("query", __name__)

    @blueprint.get(PATH)
    def decide_query() -> Response:
        """A decision on the application in a query string."""
        body = "" if request.method == "HEAD" else _decided(form)
        return Response(body, content_type="application/json")

    return blueprint


def _decided(form: QueryForm) -> str:
    found = analyzer()
    fields, faults = form.fields(request.args)
    # A fraction is scored as it is, as the first service did.
    reading = None if faults else found.monitor.reader.read(fields, exact=False)
    if reading is None:
        others = found.monitor.reader.faults(fields, exact=False)
        raise found.monitor.refuse(*faults, *form.named(others))
    return form.answer(*found.decide_on(reading))
