from __future__ import annotations

import json
import pickle
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi import errors
from hfi._core.failures.error_table import ROWS
from hfi._core.failures.failure import (
    connection_error,
    error_from_body,
    error_from_response,
    find_error,
    timeout_error,
)
from hfi._core.failures.hints import HINTS, hint_for, target_of
from hfi._core.request import Credential, Request

ROUTER = "https://router.huggingface.co/v1/chat/completions"
LOOPBACK = "http://127.0.0.1:8080/v1/chat/completions"
ENDPOINT = "https://abc.eu-west-1.aws.endpoints.huggingface.cloud/generate"
HUB_MODEL = "https://huggingface.co/api/models/some/model"


def request(url: str = ROUTER, *, token: Any = "hf_abcdefghijklmnop", **facts: Any) -> Request:
    credential = None if token is None else Credential(value=token, source="argument")
    return Request(url=url, credential=credential, **facts)


def fail(
    status: int, body: object = b"", headers: dict[str, str] | None = None, **facts: Any
) -> errors.APIStatusError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    facts.setdefault("request", request(model="org/name"))
    return error_from_response(status, headers or {}, content, **facts)


# Classes -------------------------------------------------------------------------------------

TGI_TOTAL = (
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
    "Given: 4000 `inputs` tokens and 500 `max_new_tokens`"
)
CLASSES: list[tuple[int, object, type[errors.APIStatusError]]] = [
    (400, {"error": {"message": "bad", "type": "invalid_request_error"}}, errors.BadRequestError),
    (400, {"error": "`inputs` cannot be empty", "error_type": "Empty"}, errors.BadRequestError),
    (
        400,
        {"error": {"message": "not supported by any provider", "code": "model_not_supported"}},
        errors.BadRequestError,
    ),
    (400, {"error": "Model not supported by provider hf-inference"}, errors.BadRequestError),
    (
        400,
        {"error": "The following `model_kwargs` are not used by the model: ['a']"},
        errors.BadRequestError,
    ),
    (400, {"error": {"message": "API key not valid."}}, errors.AuthenticationError),
    (401, {"error": "Unauthorized"}, errors.AuthenticationError),
    (401, b"", errors.AuthenticationError),
    (
        402,
        {"error": "You have exceeded your monthly included credits"},
        errors.PaymentRequiredError,
    ),
    (
        403,
        {"error": "This authentication method does not have sufficient permissions to call ..."},
        errors.PermissionDeniedError,
    ),
    (403, b"<html><title>Just a moment...</title></html>", errors.PermissionDeniedError),
    (403, {"error": "Your input was flagged"}, errors.PermissionDeniedError),
    (403, {"error": "Cannot access gated repo for url"}, errors.GatedModelError),
    (404, {"detail": "Not Found"}, errors.ModelNotFoundError),
    (404, {"error": {"message": "no such", "type": "NotFoundError"}}, errors.ModelNotFoundError),
    (400, {"error": {"code": "model_decommissioned", "message": "x"}}, errors.ModelNotFoundError),
    (405, {"detail": "Method Not Allowed"}, errors.BadRequestError),
    (407, b"", errors.BadRequestError),
    (408, b"", errors.ConflictError),
    (409, {"error": "You already created this space repo"}, errors.ConflictError),
    (410, {"error": "api-inference.huggingface.co is no longer"}, errors.ModelNotFoundError),
    (413, b"length limit exceeded", errors.RequestTooLargeError),
    (415, b"Expected request with `Content-Type: application/json`", errors.BadRequestError),
    (416, b"", errors.BadRequestError),
    (418, b"", errors.BadRequestError),
    (422, {"error": "Template error: x", "error_type": "template_error"}, errors.BadRequestError),
    (422, b"Failed to deserialize the JSON body", errors.BadRequestError),
    (424, {"error": "Request failed during generation: x"}, errors.ServerError),
    (424, {"error": "x", "error_type": "Backend"}, errors.ServerError),
    (429, {"error": "Model is overloaded", "error_type": "overloaded"}, errors.RateLimitError),
    (429, {"error": "Rate limit reached"}, errors.RateLimitError),
    (429, b"", errors.RateLimitError),
    (500, {"error": "Incomplete generation"}, errors.ServerError),
    (500, b"", errors.ServerError),
    (501, {"error": {"type": "not_supported_error", "message": "no"}}, errors.ServerError),
    (502, b"<html>", errors.ServerError),
    (503, {"error": "unhealthy", "error_type": "healthcheck"}, errors.ServerError),
    (503, {"error": "X is currently loading", "estimated_time": 20.0}, errors.ModelLoadingError),
    (503, {"error": "x", "estimated_time": 20.0}, errors.ModelLoadingError),
    (
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        errors.ModelLoadingError,
    ),
    (504, b"", errors.ServerError),
    (520, b"", errors.ServerError),
    (529, {"error": {"type": "overloaded_error", "message": "Overloaded"}}, errors.ServerError),
    (599, b"", errors.ServerError),
    (302, b"", errors.APIStatusError),
    (304, b"", errors.APIStatusError),
    (100, b"", errors.APIStatusError),
    (999, b"", errors.APIStatusError),
    (0, b"", errors.APIStatusError),
]


@pytest.mark.parametrize(("status", "body", "expected"), CLASSES)
def test_status_and_body_give_the_class(
    status: int, body: object, expected: type[errors.APIStatusError]
) -> None:
    error = fail(status, body)
    assert type(error) is expected
    assert error.status_code == status
    assert f"status {status}" in error.message


TOO_LONG: list[tuple[int, object, int | None, int | None]] = [
    (
        400,
        {
            "error": {
                "code": 400,
                "message": "request (5031 tokens) exceeds the available context size (2048 tokens)",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 5031,
                "n_ctx": 2048,
            }
        },
        5031,
        2048,
    ),
    (400, {"error": "request (51 tokens) exceeds the available context size (20 tokens)"}, 51, 20),
    (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 2048 tokens. However, your "
                "prompt contains at least 2049 input tokens",
                "param": "input_tokens",
            }
        },
        2049,
        2048,
    ),
    (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 4,097 tokens. However, you "
                "requested 5000 tokens (4500 in the messages, 500 in the completion).",
                "code": "context_length_exceeded",
            }
        },
        4500,
        4097,
    ),
    (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 2048 tokens and your request has "
            "1500 input tokens",
        },
        1500,
        2048,
    ),
    (400, {"error": {"message": "x", "code": "context_length_exceeded"}}, None, None),
    (422, {"error": TGI_TOTAL, "error_type": "validation"}, 4000, 4096),
    (
        413,
        {
            "error": "`inputs` must have less than 512 tokens. Given: 600",
            "error_type": "Validation",
        },
        600,
        512,
    ),
    (
        400,
        {"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}},
        210000,
        200000,
    ),
    # wrapped as text by a proxy
    (
        500,
        {
            "detail": json.dumps(
                {
                    "error": {
                        "message": "too long",
                        "n_ctx": 8,
                        "n_prompt_tokens": 9,
                        "type": "exceed_context_size_error",
                    }
                }
            )
        },
        9,
        8,
    ),
]


@pytest.mark.parametrize(("status", "body", "prompt", "most"), TOO_LONG)
def test_too_long_prompts_give_their_numbers(
    status: int, body: object, prompt: int | None, most: int | None
) -> None:
    error = fail(status, body)
    assert isinstance(error, errors.ContextLengthError)
    assert (error.prompt_tokens, error.max_tokens) == (prompt, most)


@pytest.mark.parametrize(
    "message",
    [
        "You exceeded your current quota, please check your plan and billing details.",
        "Quota exceeded for this project",
        "billing is not set up",
        "You have depleted your monthly included credits",
    ],
)
def test_a_spent_quota_is_no_rate_limit(message: str) -> None:
    assert type(fail(429, {"error": {"message": message}})) is errors.QuotaExceededError


@pytest.mark.parametrize(
    "message",
    [
        "Rate limit reached. Need more? Upgrade at https://x.example/settings/billing",
        "Quota exceeded for requests per minute, please retry in 20s",
        "Request too large on tokens per minute (TPM): maximum context length is 5 tokens",
    ],
)
def test_a_rate_limit_that_talks_of_quota_is_one(message: str) -> None:
    assert type(fail(429, {"error": {"message": message}})) is errors.RateLimitError


def test_insufficient_quota_is_told_by_its_kind() -> None:
    body = {"error": {"message": "too many requests", "type": "insufficient_quota"}}
    assert type(fail(429, body)) is errors.QuotaExceededError


def test_endpoint_scaling_up() -> None:
    cold = fail(503, b"", request=request(ENDPOINT))
    assert type(cold) is errors.ModelLoadingError
    assert "max_wait" in str(cold)
    assert type(fail(503, b"queue is full", request=request(ENDPOINT))) is errors.ServerError
    assert type(fail(503, b"", request=request(LOOPBACK))) is errors.ServerError


# Hugging Face's Hub --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_gated_model(status: int) -> None:
    error = fail(
        status,
        {"error": "Access to model org/name is restricted."},
        {"X-Error-Code": "GatedRepo"},
        request=request(HUB_MODEL, model="org/name:groq"),
    )
    assert type(error) is errors.GatedModelError
    assert "https://huggingface.co/org/name," in str(error)
    assert error.code == "GatedRepo"


def test_hidden_repository() -> None:
    hidden = fail(401, {"error": "Repository not found"}, request=request(HUB_MODEL))
    assert type(hidden) is errors.ModelNotFoundError
    assert "private or gated" in str(hidden)
    by_code = fail(401, b"", {"x-error-code": "RepoNotFound"}, request=None)
    assert type(by_code) is errors.ModelNotFoundError


def test_bad_token_on_a_repository_is_no_missing_repository() -> None:
    told = {"X-Error-Message": "Invalid credentials in Authorization header"}
    error = fail(401, b"", told, request=request(HUB_MODEL))
    assert type(error) is errors.AuthenticationError
    assert "Invalid credentials in Authorization header" in str(error)
    whoami = fail(401, b"", request=request("https://huggingface.co/api/whoami-v2"))
    assert type(whoami) is errors.AuthenticationError


@pytest.mark.parametrize("code", ["RepoNotFound", "RevisionNotFound", "EntryNotFound"])
def test_missing_on_the_hub(code: str) -> None:
    error = fail(404, b"", {"X-Error-Code": code, "X-Error-Message": "It is not there"})
    assert type(error) is errors.ModelNotFoundError
    assert "It is not there" in str(error)


def test_missing_model_on_the_hub_without_marks() -> None:
    error = fail(404, b"", request=request(HUB_MODEL))
    assert type(error) is errors.ModelNotFoundError
    assert "https://huggingface.co/models" in str(error)


def test_disabled_repository() -> None:
    told = {"X-Error-Message": "Access to this resource is disabled."}
    error = fail(403, b"", told)
    assert type(error) is errors.PermissionDeniedError
    assert "disabled" in error.message


def test_header_message_is_not_repeated() -> None:
    error = fail(403, {"error": "No way"}, {"x-error-message": "No way"})
    assert error.message.count("No way") == 1


# Body shapes ---------------------------------------------------------------------------------

SHAPES: list[tuple[object, str]] = [
    ({"error": "It broke"}, "It broke"),
    ({"error": {"message": "It broke"}}, "It broke"),
    ({"error": ["one", "two"]}, "one; two"),
    ({"error": [{"message": "one"}, {"message": "two"}]}, "one; two"),
    (
        {"error": "invalid_token", "error_description": "The token expired"},
        "invalid_token: The token expired",
    ),
    ({"errors": [{"message": "one"}, {"message": "two"}]}, "one; two"),
    ({"message": "It broke"}, "It broke"),
    ({"Message": "It broke"}, "It broke"),
    ({"detail": "It broke"}, "It broke"),
    ({"detail": {"error": "It broke"}}, "It broke"),
    (
        {"detail": [{"type": "missing", "loc": ["body", "messages", 0], "msg": "Field required"}]},
        "body.messages.0: Field required",
    ),
    ({"object": "error", "message": "It broke", "type": "x", "code": 400}, "It broke"),
    ({"message": "It broke", "code": 422, "type": "Validation"}, "It broke"),
    ({"error": json.dumps({"error": {"message": "deep"}})}, "deep"),
    (json.dumps({"error": "a JSON text inside JSON"}), "a JSON text inside JSON"),
    ([{"error": {"message": "in a list"}}], "in a list"),
    ({"error": True, "message": "It broke"}, "It broke"),
    ({"error": "Bad Request", "message": "n must be 1", "statusCode": 400}, "Bad Request: n must"),
    (
        {"error": {"message": "Provider returned error", "metadata": {"raw": "upstream said so"}}},
        "Provider returned error; upstream said so",
    ),
    ({"error": "no", "warnings": ["a warning"]}, "no; a warning"),
    ({"type": "error", "error": {"type": "x_error", "message": "It broke"}}, "It broke"),
    ("only a text", "only a text"),
    (b"plain words", "plain words"),
    (b"\xef\xbb\xbf" + b'{"error": "after a BOM"}', "after a BOM"),
    ('{"error": "sixteen bits"}'.encode("utf-16"), "sixteen bits"),
    (b'{"error": {"message": "cut \\u00e9 short", "ty', "cut \u00e9 short"),
    (b'{"error": "json broke.\nOn a second line"}', "json broke. On a second line"),
    (b"caf\xe9 is not UTF-8", "caf\ufffd is not UTF-8"),
    (
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Denied &amp; out</Message>",
        "Denied & out",
    ),
    ({"error": "upstream: <html><title>Bad</title>x"}, "upstream: an HTML page titled 'Bad' ("),
    ({"error": "<!DOCTYPE html><p>x"}, "an HTML page ("),
    (bytes(range(256)), "bytes that are no text ("),
    (b"", "the reply has no body"),
    (b"  \r\n", "the reply has no body"),
    (b"{}", "the reply does not say why"),
    (b"[]", "the reply does not say why"),
    (b'{"error": null}', "the reply does not say why"),
    (b"null", "null"),
]


@pytest.mark.parametrize(("body", "expected"), SHAPES)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-odd"])
def test_every_shape_of_body_is_read(body: object, expected: str, content_type: str) -> None:
    error = fail(400, body, {"content-type": content_type})
    assert f": {expected}" in error.message


def test_facts() -> None:
    body = {"error": {"message": "m", "type": "t_error", "code": "c", "param": "p"}}
    error = fail(
        418,
        body,
        {"X-Request-ID": "abc", "X-Inference-Provider": "groq"},
        request=request(model="org/name", provider="together"),
    )
    assert (error.kind, error.code, error.param) == ("t_error", "c", "p")
    assert (error.request_id, error.provider, error.model) == ("abc", "groq", "org/name")
    assert error.body == body
    assert error.headers["x-request-id"] == "abc"
    for fact in ("router.huggingface.co", "org/name", "groq", "418", "abc"):
        assert fact in error.message


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-amz-cf-id": "c", "X-Amzn-Trace-Id": "b"}, "b"),
        ({"x-amz-cf-id": "c"}, "c"),
        ({"x-request-id": "a", "x-amz-cf-id": "c"}, "a"),
        ({}, None),
    ],
)
def test_request_id(headers: dict[str, str], expected: str | None) -> None:
    assert fail(500, b"", headers).request_id == expected


def test_provider_of_the_route_and_of_the_body() -> None:
    routed = fail(500, b"", request=request(provider="together"))
    assert routed.provider == "together"
    assert fail(500, b"", request=request(provider="auto")).provider is None
    body = {"error": {"message": "x", "metadata": {"provider_name": "Google"}}}
    assert fail(500, body, request=None).provider == "Google"


def test_a_page_is_never_shown() -> None:
    page = b"<!DOCTYPE html><html><head><title>502 Bad\n Gateway &amp; co</title></head>secret"
    error = fail(502, page, {"content-type": "text/html"})
    assert "an HTML page titled '502 Bad Gateway & co' (status 502, " in error.message
    assert "secret" not in str(error)
    assert "an HTML page (status 500" in fail(500, b"<body>secret</body>").message
    declared = fail(500, b"secret", {"Content-Type": "text/html; charset=utf-8"})
    assert "secret" not in str(declared)


def test_json_declared_as_html_is_read() -> None:
    assert "It broke" in str(fail(500, {"error": "It broke"}, {"content-type": "text/html"}))


def test_long_text_is_cut() -> None:
    assert len(str(fail(500, b"word " * 100_000))) < 1200
    assert len(str(fail(500, {"error": "x" * 1_000_000}))) < 1200


def test_huge_and_deep_bodies() -> None:
    assert "at the start" in str(fail(500, b'{"error": "at the start", "x": "' + b"a" * 8_000_000))
    deep = fail(500, b"[" * 200_000 + b"]" * 200_000)
    assert type(deep) is errors.ServerError
    nested = fail(500, b'{"error":' * 400 + b'"x"' + b"}" * 400)
    assert pickle.loads(pickle.dumps(nested)).status_code == 500


def test_control_characters_do_not_reach_a_terminal() -> None:
    error = fail(500, {"error": "a\x1b[31mb\u202ec\u2028d\x00e\ud800f\r\ng"})
    assert "a [31mb c d e f g" in error.message


def test_without_a_request() -> None:
    error = fail(500, {"error": "x"}, request=None)
    assert error.message == "The server failed: x (status 500)."


def test_errors_pickle() -> None:
    error = fail(400, TOO_LONG[0][1])
    assert isinstance(error, errors.ContextLengthError)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.prompt_tokens, again.body) == (error.prompt_tokens, error.body)


# Next steps ----------------------------------------------------------------------------------

STEPS: list[tuple[int, object, Request, str]] = [
    (401, b"", request(), "https://huggingface.co/settings/tokens"),
    (401, b"", request(token=None), 'provider="local"'),
    (401, b"", request(ENDPOINT, token=None), "token=True"),
    (401, b"", request("https://api.groq.com/openai/v1/chat/completions"), "key of api.groq.com"),
    (401, b"", request(LOOPBACK, token=None), "pass the key of 127.0.0.1:8080"),
    (402, b"", request(), "https://huggingface.co/settings/billing"),
    (402, b"", request(), 'provider="local"'),
    (403, {"error": "sufficient permissions"}, request(), "Make calls to Inference Providers"),
    (404, {"detail": "Not Found"}, request(LOOPBACK), "base_url"),
    (404, {"error": "model not found"}, request(), "client.models("),
    (
        410,
        b"",
        request("https://api-inference.huggingface.co/models/x"),
        "router.huggingface.co/v1",
    ),
    (
        400,
        {"error": {"code": "model_not_supported", "message": "x"}},
        request(),
        "https://huggingface.co/settings/inference-providers",
    ),
    (402, b"", request("https://api.groq.com/v1"), "pays for api.groq.com"),
    (402, b"", request(""), "pays for this"),
    (403, {"error": "gated repo"}, request(), "the model's page"),
    (403, {"error": "Your input was flagged"}, request(), "Change the input"),
    (403, b"no", request("https://api.groq.com/v1"), "token for api.groq.com"),
    (403, b"no", request(""), "token"),
    (404, {"error": "model not found"}, request(LOOPBACK), "127.0.0.1:8080 lists its own"),
    (404, {"error": "model not found"}, request(""), "model's id"),
    (429, b"", request(HUB_MODEL, token=None), "pass a token"),
    (413, b"", request(), "smaller"),
    (422, {"error": "`top_p` must be > 0.0 and < 1.0"}, request(LOOPBACK), "0 < top_p < 1"),
    (422, {"error": "x", "error_type": "template_error"}, request(LOOPBACK), "roles"),
    (429, b"", request(), "max_retries"),
    (500, b"", request(LOOPBACK), "log"),
    (503, {"error": "x", "estimated_time": 2}, request(), "max_wait"),
]


@pytest.mark.parametrize(("status", "body", "asked", "step"), STEPS)
def test_the_next_step(status: int, body: object, asked: Request, step: str) -> None:
    error = fail(status, body, request=asked)
    assert error.hint is not None
    assert step in error.hint


LEADS: list[tuple[int, object, str, str]] = [
    (403, {"error": "Access to this resource is disabled."}, "disabled this", "another model"),
    (403, b"<html><title>Just a moment...</title>", "blocked the request", "VPN"),
    (400, {"error": "The following `model_kwargs` are not used"}, "a parameter", "Leave that"),
    (422, {"detail": "Unexpected fields in the request: {'x'}"}, "a parameter", "Leave that"),
    (405, {"detail": "Method Not Allowed"}, "this kind of request", "no such route"),
    (407, b"", "The proxy asks", "proxy="),
    (429, {"error": "Model is overloaded"}, "The model is overloaded", "in a moment"),
    (500, {"error": "image input is not supported"}, "The server cannot do this", "can do this"),
    (502, b"", "The gateway got no good answer", "not your fault"),
    (503, b"", "The server cannot answer now", "not your fault"),
    (500, b"", "The server failed", "not your fault"),
    (302, b"", "neither success nor an error", "proxies"),
]


@pytest.mark.parametrize(("status", "body", "lead", "step"), LEADS)
def test_what_happened(status: int, body: object, lead: str, step: str) -> None:
    error = fail(status, body)
    assert lead in error.message.partition(":")[0]
    assert error.hint is not None
    assert step in error.hint


def test_every_row_has_its_hints() -> None:
    assert {row.hint for row in ROWS} == set(HINTS)
    nobody = target_of(None)
    for name, hints in HINTS.items():
        texts = [hint_for(name, nobody), *(hint.text for hint in hints)]
        assert all(text and text.endswith(".") for text in texts)


def test_hugging_face_tokens_are_not_offered_to_others() -> None:
    for host in ("api.groq.com", "huggingface.co.evil.example", "nothuggingface.co"):
        error = fail(401, b"", request=request(f"https://{host}/v1"))
        assert "huggingface.co/settings" not in str(error)


# Secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    ["hf_abcdefghijklmnop", "sk-proj-abc123DEF456", "my own key!", "gsk_0123456789abcdefghij"],
)
def test_echoed_tokens_are_masked(secret: str) -> None:
    body = {
        "error": f"wrong key {secret} in Authorization: Bearer {secret}",
        "detail": [{"input": {"headers": secret, secret: 1}}],
    }
    headers = {"X-Echo": secret, "x-request-id": secret, "set-cookie": "session=1"}
    asked = request(f"https://user:{secret}@host.example/{secret}?key={secret}", token=secret)
    error = fail(401, body, headers, request=asked)
    assert secret not in str(error)
    assert secret not in repr(error.__dict__)
    assert secret not in repr(pickle.dumps(error))
    assert "session" not in repr(error.headers)
    assert "wrong key" in error.message


def test_a_long_token_at_the_cut_is_masked_whole() -> None:
    secret = "Zq" * 3000
    error = fail(401, {"error": "x" * 480 + secret}, request=request(token=secret))
    assert "ZqZq" not in str(error)


def test_a_model_given_as_url_is_not_shown() -> None:
    error = fail(500, b"", request=request(LOOPBACK, model="https://u:pw@h/x?token=abc"))
    assert error.model is None
    assert "pw" not in str(error)


def test_path_and_query_are_not_shown() -> None:
    error = fail(404, b"", request=request("https://u:pw@h.example:8443/secret/path?sig=1"))
    assert "h.example:8443" in str(error)
    assert not any(word in str(error) for word in ("secret", "sig", "pw"))


# Errors inside a 200 reply -------------------------------------------------------------------

EVENTS: list[tuple[object, type[errors.APIStatusError], int | None]] = [
    (
        {"error": {"message": "Input validation error: x", "http_status_code": 422}},
        errors.BadRequestError,
        422,
    ),
    ({"error": {"message": TGI_TOTAL, "http_status_code": 422}}, errors.ContextLengthError, 422),
    (
        {"error": {"message": "Model is overloaded", "http_status_code": 422}},
        errors.RateLimitError,
        429,
    ),
    (
        {"error": {"message": "Request failed during generation: x", "http_status_code": 422}},
        errors.ServerError,
        424,
    ),
    ({"error": "x", "error_type": "overloaded"}, errors.RateLimitError, 429),
    ({"error": "x", "error_type": "validation"}, errors.BadRequestError, 422),
    ({"error": "x", "error_type": "incomplete_generation"}, errors.ServerError, 500),
    (
        {"error": {"message": "x", "type": "BadRequestError", "param": None, "code": 400}},
        errors.BadRequestError,
        400,
    ),
    (
        {"error": {"message": "x", "type": "InternalServerError", "code": 500}},
        errors.ServerError,
        500,
    ),
    ({"error": {"code": 503, "message": "Loading model"}}, errors.ModelLoadingError, 503),
    ({"error": {"code": "401", "message": "x"}}, errors.AuthenticationError, 401),
    ({"error": {"message": "x", "status_code": 400}}, errors.BadRequestError, 400),
    ({"error": {"code": "rate_limit_exceeded", "message": "x"}}, errors.RateLimitError, 429),
    ({"error": {"code": "insufficient_quota", "message": "x"}}, errors.QuotaExceededError, 429),
    ({"error": {"type": "overloaded_error", "message": "Overloaded"}}, errors.ServerError, 529),
    ({"object": "error", "message": "x", "code": 404}, errors.ModelNotFoundError, 404),
    ({"error": "too many requests, slow down"}, errors.RateLimitError, None),
    ({"error": "CUDA error"}, errors.ServerError, None),
    ({"error": "maximum context length is 8 tokens"}, errors.ContextLengthError, None),
    ({"error": {"code": 7, "message": "x"}}, errors.ServerError, None),
    ("only text", errors.ServerError, None),
    (None, errors.ServerError, None),
]


@pytest.mark.parametrize(("body", "expected", "status"), EVENTS)
@pytest.mark.parametrize("around", [None, 200])
def test_errors_inside_a_200_reply(
    body: object, expected: type[errors.APIStatusError], status: int | None, around: int | None
) -> None:
    error = error_from_body(body, status_code=around)
    assert type(error) is expected
    assert error.status_code == status


def test_a_whole_200_reply_is_read_alike() -> None:
    body = {"error": {"code": 429, "message": "Provider returned error"}}
    assert type(fail(200, body)) is errors.RateLimitError
    assert fail(200, {"error": "x"}).status_code is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": "x"},
        {"error": {"message": "x"}},
        {"error": ["x"]},
        {"error": True, "choices": []},
        {"error": {"code": 400, "message": "x"}, "choices": [{"delta": {"content": ""}}]},
        {"choices": [{"finish_reason": "error", "error": {"code": 502, "message": "x"}}]},
        {"choices": [{"finish_reason": None}, {"finish_reason": "error"}]},
        {"object": "error", "message": "x"},
        {"type": "error", "error": {"type": "y", "message": "x"}},
        {"message": "x"},
        {"message": "x", "code": 500},
        {"detail": "x"},
        {"detail": [{"msg": "x"}]},
        {"errors": [{"message": "x"}]},
        {"code": 400, "message": "x", "data": None},
        {"code": 400, "reason": "y", "message": "x", "metadata": {}},
        [{"error": "x"}],
    ],
)
def test_found_errors(body: object) -> None:
    found = find_error(body)
    assert found is not None
    assert isinstance(error_from_body(found, status_code=200), errors.APIStatusError)


@pytest.mark.parametrize(
    "body",
    [
        {"error": None, "choices": [{"delta": {"content": "hi"}}]},
        {"error": {}},
        {"error": ""},
        {"error": []},
        {"error": False},
        {"error": {"message": None, "code": None}},
        {"choices": [{"message": {"content": "the error was mine"}, "error": None}]},
        {"choices": [None, 3, {"finish_reason": "stop"}]},
        {"choices": []},
        {"generated_text": "error"},
        {"message": {"role": "assistant", "content": "hi"}, "done": False},
        {"message": {"role": "assistant", "content": "hi"}},
        {"id": "1", "status": "succeeded", "error": None, "output": ["x"]},
        {"message": "", "detail": None},
        {"code": 200, "message": "success", "data": {"id": "1"}},
        {"message": "x", "data": 0},
        [{"generated_text": "x"}],
        [{"error": "x"}, {"error": "y"}],
        [],
        [[0.1]],
        {},
        "error",
        None,
        7,
    ],
)
def test_answers_are_no_errors(body: object) -> None:
    assert find_error(body) is None


def test_choice_errors_keep_their_code() -> None:
    body = {"choices": [{"finish_reason": "error", "error": {"code": 429, "message": "slow"}}]}
    error = error_from_body(find_error(body), status_code=200)
    assert type(error) is errors.RateLimitError
    assert "slow" in str(error)


# The line ------------------------------------------------------------------------------------

KINDS = ["refused", "dns", "tls", "reset", "protocol", "proxy", "closed", "other"]
PHASES = ["connect", "first_token", "between_tokens", "total", "pool"]


@pytest.mark.parametrize("kind", KINDS)
def test_connection_errors(kind: Any) -> None:
    asked = request("https://u:pw@h.example/secret?x=1", model="org/name")
    error = connection_error(kind, asked, "http://me:pw@proxy.example:3128/secret said no.")
    assert type(error) is errors.APIConnectionError
    assert error.kind == kind
    assert "h.example" in str(error)
    assert "proxy.example:3128 said no." in str(error)
    assert "org/name" in str(error)
    assert error.hint
    assert not any(word in str(error) for word in ("pw", "secret", "{", "}"))
    assert pickle.loads(pickle.dumps(error)).kind == kind


def test_connection_refused_on_loopback() -> None:
    for url in (LOOPBACK, "http://localhost:8080/v1", "http://[::1]:8080/v1"):
        error = connection_error("refused", request(url), "")
        assert "Is the server running?" in str(error)
        assert "8080" in error.message
    assert "Is the server" not in str(connection_error("refused", request(), ""))
    assert "router.huggingface.co:443" in str(connection_error("refused", request(), ""))


def test_connection_error_without_a_request() -> None:
    assert str(connection_error("closed", None, "")).startswith("the server closed")


@pytest.mark.parametrize("phase", PHASES)
def test_timeouts(phase: Any) -> None:
    error = timeout_error(phase, 0.25, request())
    assert isinstance(error, errors.APITimeoutError)
    assert issubclass(type(error), TimeoutError)
    assert isinstance(error, errors.PoolTimeoutError) is (phase == "pool")
    assert error.phase == phase
    assert "0.25 s" in error.message
    assert "router.huggingface.co" in error.message
    setting = "max_connections" if phase == "pool" else f"{phase}="
    assert setting in str(error)
    assert timeout_error(phase, None, None).message


def test_a_stall_keeps_what_had_arrived() -> None:
    error = timeout_error("between_tokens", 60, request(), partial="half an ans")
    assert isinstance(error, errors.StreamStalledError)
    assert error.partial == "half an ans"


# Anything at all -----------------------------------------------------------------------------

# Lone surrogates too: JSON may hold them, and no terminal can print them.
TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
KEYS = st.sampled_from(
    ["error", "message", "detail", "errors", "type", "code", "loc", "msg", "metadata", "raw",
     "choices", "finish_reason", "estimated_time", "retry_after", "n_ctx", "status", "param"]
) | st.text(max_size=5)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Retry-After", "retry-after-ms", "RateLimit", "x-request-id", "content-type",
         "x-error-message", "x-error-code", "x-inference-provider", "date"]
    ),
    TEXT,
    max_size=4,
)  # fmt: skip
STATUSES = st.none() | st.integers(-5, 1200)


def check(error: errors.APIStatusError) -> None:
    assert isinstance(error, errors.APIStatusError)
    text = str(error)
    assert len(text) < 2000
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)
    assert error.retry_after is None or 0 <= error.retry_after <= 86_400
    pickle.dumps(error)


@settings(deadline=None, max_examples=300)
@given(JSON, STATUSES, HEADERS, TEXT)
def test_any_json_gives_an_error(
    body: object, status: int | None, headers: dict[str, str], model: str
) -> None:
    asked = request(model=model, token="hf_tokentoken")
    check(error_from_body(body, status_code=status, headers=headers, request=asked))
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    check(error_from_response(status or 0, headers, content, request=asked, now=0.0))
    found = find_error(body)
    if found is not None:
        check(error_from_body(found, status_code=200))


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=300) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
    STATUSES,
    HEADERS,
    TEXT,
)
def test_any_bytes_give_an_error(
    body: bytes, status: int | None, headers: dict[str, str], url: str
) -> None:
    asked = Request(url=url)
    check(error_from_response(status or 0, headers, body, request=asked))
    check(error_from_response(500, headers, b"<html>" + body, request=asked))
    connection_error("other", asked, body.decode("latin-1"))
