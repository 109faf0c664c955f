"""What the OpenAPI document and `GET /blueprints` say of a release's requests and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer_ray.blueprint import DECIDED, FORECAST_SOURCES, OutputField, Source
from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.request_fields import RequestField
from tracer_ray.serving.problems import MEDIA_TYPE, problem_of

Json = dict[str, Any]

_TYPES: Mapping[str, object] = {
    "text": ["string", "number"],
    "number": ["number", "string"],
    "flag": ["boolean", "number", "string"],
    "time": ["string", "number"],
}
_NUMBER = ["number", "null"]
_TEXT: Json = {"type": ["string", "null"]}
_OBJECT: Json = {"type": ["object", "null"]}
_ANSWER_TYPES: Mapping[Source, Json] = {
    Source.ELASTICITY_INTERVAL: {"type": ["array", "null"], "items": {"type": "number"}},
    Source.ELASTICITY_LEVEL: _TEXT,
    Source.ELASTICITY_REASON: _TEXT,
    Source.BEST_PRICE_REASON: _TEXT,
    Source.REFUSAL: _TEXT,
    Source.VOLUME_IMPACT: _OBJECT,
    Source.REVENUE_IMPACT: _OBJECT,
    Source.PROFIT_IMPACT: _OBJECT,
    Source.RESPONSE_CURVE: {"type": ["array", "null"], "items": {"type": "object"}},
    Source.INTERVAL: {"type": ["array", "null"], "items": {"type": "number"}},
    Source.RECOMMENDATION: {"type": ["string", "null"], "enum": ["OVER", "UNDER", "NO_EDGE", None]},
    Source.REASONS: {"type": ["array", "null"], "items": {"type": "object"}},
    Source.PROTOCOLS: {"type": ["array", "null"], "items": {"type": "object"}},
    Source.WINDOW: _OBJECT,
    **{source: {"type": ["string", "null"]} for source in DECIDED - {Source.THRESHOLD}},
    **{source: {} for source in FORECAST_SOURCES - {Source.TOTAL}},  # see the example
}
_ABOUT: Mapping[str, str] = {
    "as_of": "time of the newest row that the answer knows of",
    "release": "the release that answered",
    "variant": "champion, or challenger while a test runs",
    "level": "what answered: entity, blend, pooled or baseline",
    "reason": "why this level answered",
}
_EXPLANATION: Json = {
    "type": "object",
    "description": "with explain: start, the reasons' contributions and others sum to prediction, "
    "on the scale on which models add up; effect is what a reason moves the answer by",
}
_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}

_REASONS: Mapping[int, str] = {
    401: "no key, or one that is not valid",
    404: "nothing is known of what was asked",
    413: "the body is too large",
    422: "the request can't be read",
    429: "too many requests with this key; see Retry-After",
    503: "too many requests at once, or no release is loaded; see Retry-After",
    504: "not answered within the deadline",
}
FAILURES: dict[int | str, Json] = {
    str(status): {"description": text, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    for status, text in _REASONS.items()
}


@dataclass(frozen=True)
class ReleaseDocument:
    """A release as `GET /blueprints` shows it, and its paths in the OpenAPI document."""

    description: Json
    paths: Json


def document_of(predictor: Predictor) -> ReleaseDocument:
    """The description of a release, made once: its example is really answered."""
    name = predictor.blueprint.id
    paths = {
        f"/predict/{name}": {"post": _single(predictor)},
        f"/predict/{name}/batch": {"post": _batch(predictor)},
    }
    return ReleaseDocument(_description(predictor), paths)


def request_body(schema: Json) -> Json:
    """What an operation of FastAPI adds to the document for its JSON body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _description(predictor: Predictor) -> Json:
    blueprint = predictor.blueprint
    return {
        "id": blueprint.id,
        "name": blueprint.name,
        "use_case": blueprint.use_case,
        "release": predictor.name,
        "data_until": predictor.as_of,
        "targets": [
            {"name": each.name, "description": each.description, "unit": each.unit}
            for each in (blueprint.target(name) for name in predictor.targets)
        ],
        "request": [vars(field) for field in predictor.reader.fields.fields],
        "answer": [
            {"name": each.name, "description": each.description, "unit": each.unit}
            for each in blueprint.output
        ],
        "example": dict(example_request(predictor)),
    }


def _single(predictor: Predictor) -> Json:
    """The operation that answers one request."""
    request, answered = _examples(predictor)
    return {
        "summary": f"{predictor.blueprint.name}: one answer",
        "description": _text(predictor),
        "operationId": f"predict_{predictor.blueprint.id}",
        "requestBody": _body(_request_schema(predictor), request),
        "responses": _responses(_answer_schema(predictor), answered),
    }


def _batch(predictor: Predictor) -> Json:
    """The operation that answers many requests."""
    request, answered = _examples(predictor)
    bad = problem_of(RequestError("field 'line': expected a number, got 'a'")).to_json()
    rows = {"type": "array", "minItems": 1, "maxItems": 1000, "items": _request_schema(predictor)}
    either = {"anyOf": [_answer_schema(predictor), _object({"error": _PROBLEM})]}
    told = _object({"rows": {"type": "array", "items": either}, "failed": {"type": "integer"}})
    return {
        "summary": f"{predictor.blueprint.name}: up to 1,000 answers, each its own or an error",
        "description": _text(predictor),
        "operationId": f"predict_{predictor.blueprint.id}_batch",
        "requestBody": _body(_object({"rows": rows}), {"rows": [request]}),
        "responses": _responses(told, {"rows": [answered, {"error": bad}], "failed": 1}),
    }


def _examples(predictor: Predictor) -> tuple[Json, Answered]:
    """A request and its real answer; the last one that the release gives is no promise."""
    request = example_request(predictor)
    (said,) = predictor.answer([request])
    return dict(request), {} if isinstance(said, RequestError) else {**said, "variant": "champion"}


def _text(predictor: Predictor) -> str:
    limits = "".join(f"\n- {limit}" for limit in predictor.blueprint.limits)
    return f"{predictor.blueprint.use_case}\n{limits}"


def _request_schema(predictor: Predictor) -> Json:
    fields = predictor.reader.fields.fields
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {field.name: _field_schema(field) for field in fields},
    }


def _field_schema(field: RequestField) -> Json:
    unit = f" ({field.unit})" if field.unit else ""
    also = f"; also {', '.join(field.aliases)}" if field.aliases else ""
    text = f"{field.description}{unit}{also}"
    if field.kind not in _TYPES:
        return {"type": "array", "items": {"type": "object"}, "description": text}
    return {"type": _TYPES[field.kind], "description": text}


def _answer_schema(predictor: Predictor) -> Json:
    """An answer; over a horizon, one about a day or one about all of it."""
    output = predictor.blueprint.output
    forms = [[each for each in output if each.source not in FORECAST_SOURCES]]
    if predictor.blueprint.horizon_steps:
        forms.append([each for each in output if each.source in FORECAST_SOURCES])
    schemas = [_form_schema(fields) for fields in forms]
    schemas[0]["properties"]["explanation"] = _EXPLANATION
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _form_schema(output: Sequence[OutputField]) -> Json:
    fields = {
        each.name: {
            **_ANSWER_TYPES.get(each.source, {"type": _NUMBER}),
            "description": each.description,
        }
        for each in output
    }
    about = {name: {"type": ["string", "null"], "description": t} for name, t in _ABOUT.items()}
    return _object(
        {"blueprint": {"type": "string"}, "target": {"type": "string"}, **fields, **about}
    )


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _body(schema: Json, example: Json) -> Json:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"required": True, "content": content}


def _responses(schema: Json, example: Json) -> Json:
    return {
        "200": {
            "description": "the answer",
            "content": {"application/json": {"schema": schema, "example": example}},
        },
        **{str(status): failure for status, failure in FAILURES.items()},
    }
