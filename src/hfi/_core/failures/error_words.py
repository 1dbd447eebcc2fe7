"""What servers' own words for errors stand for, where they tell no HTTP status."""

from __future__ import annotations

__all__ = ["KIND_STATUS", "TGI_TEXTS"]

# TGI reports every in-stream chat error as 422; these are the status and kind that the same
# text has outside a stream (TGI router/src/infer/mod.rs).
TGI_TEXTS: tuple[tuple[str, int, str], ...] = (
    ("Request failed during generation", 424, "generation"),
    ("Model is overloaded", 429, "overloaded"),
    ("Input validation error", 422, "validation"),
    ("Incomplete generation stream", 500, "incomplete_generation_stream"),
    ("Incomplete generation", 500, "incomplete_generation"),
    ("Template error", 422, "template_error"),
    ("Tool error", 422, "tool_error"),
)

# What a server's own word for an error means where it tells no status.
KIND_STATUS: dict[str, int] = {
    # TGI and TEI (TEI capitalises)
    "generation": 424,
    "backend": 424,
    "overloaded": 429,
    "validation": 422,
    "tokenizer": 422,
    "empty": 400,
    "template_error": 422,
    "missing_template_variable": 422,
    "tool_error": 422,
    "suffix not supported": 422,
    "batch size exceeded": 422,
    "incomplete_generation": 500,
    "incomplete_generation_stream": 500,
    "stream_serialization_error": 500,
    "healthcheck": 503,
    "unhealthy": 503,
    # OpenAI's words, and those of vLLM, llama.cpp, Ollama and Anthropic
    "invalid_request_error": 400,
    "badrequesterror": 400,
    "bad request": 400,
    "exceed_context_size_error": 400,
    "context_length_exceeded": 400,
    "model_not_supported": 400,
    "tool_use_failed": 400,
    "authentication_error": 401,
    "authenticationerror": 401,
    "invalid_api_key": 401,
    "unauthorized": 401,
    "permission_error": 403,
    "permissiondeniederror": 403,
    "not_found_error": 404,
    "notfounderror": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "ratelimiterror": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "internalservererror": 500,
    "internal_error": 500,
    "api_error": 500,
    "not_supported_error": 501,
    "unavailable_error": 503,
    "service_unavailable": 503,
    "overloaded_error": 529,
}
