"""What `scripts/fuzz` runs: every parser of bytes from outside, as a function of bytes.

A target returns where all is well. It raises AssertionError where a property does not hold; any
other exception is the parser's, and wrong too: parsers raise HFIErrors only, which targets expect.

Inputs of the parsers that read pieces begin with ``HEADER`` bytes: one of options, and three places
to cut at. Such a parser must give the same for the whole, for these pieces and byte by byte.
"""

from __future__ import annotations

import gzip
import itertools
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import h11
import httpcore

from hfi._core.configuration import urls
from hfi._core.embeddings.similarity import read_similarities
from hfi._core.embeddings.vectors import read_embeddings
from hfi._core.failures.failure import error_from_response
from hfi._core.failures.wait_hints import MAX_HINT_SECONDS, body_hint, header_hint, text_hint
from hfi._core.generation.answer import TextReading
from hfi._core.generation.chat_stream import ChatTextParser
from hfi._core.generation.stream import TextStreamParser, text_generation
from hfi._core.hub.model_list import next_query
from hfi._core.hub.model_reader import read_model, read_providers, read_special_tokens
from hfi._core.incoming import parse
from hfi._core.incoming.sound_header import sound_facts
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.incoming.video_header import video_facts
from hfi._core.incoming.waveform import waveform
from hfi._core.line.framing import Framing
from hfi._core.line.inflate import PIECE_SIZE, Inflater
from hfi._core.outgoing.media import data_url, image_size, parse_data_url, sniff
from hfi._core.outgoing.orientation import is_on_its_side
from hfi._core.prompts.rendering import render_template
from hfi._core.request import Request, Response
from hfi._core.servers.ranking import read_ranks
from hfi._core.servers.tokens import read_tokens
from hfi._core.sse import SSEDecoder
from hfi._core.tasks.catalogue import all_tasks
from hfi._core.tasks.media_replies import KINDS, found_in
from hfi._network.engines import fast_is_there
from hfi.errors import APIStatusError, HFIError
from hfi.types.raw import loads
from hfi.types.wav import read_wav, wav_file

__all__ = ["HEADER", "TARGETS", "WORDS", "Target"]

HEADER = 7
MAX_BYTEWISE = 300  # byte by byte is slow; the cuts find what needs longer inputs

Pieces = Sequence[bytes]


@attrs.frozen
class Target:
    """A parser: what runs it on one input, and inputs to begin with."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


# Inputs in pieces ------------------------------------------------------------------------------


def read_header(data: bytes) -> tuple[int, bytes, Pieces]:
    """The options, what is parsed, and that cut into pieces."""
    options, places, body = data[:1], data[1:HEADER], data[HEADER:]
    cuts = (int.from_bytes(places[at : at + 2], "big") for at in range(0, len(places), 2))
    ends = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return options[0] if options else 0, body, [body[a:b] for a, b in itertools.pairwise(ends)]


def any_split(read: Callable[[Pieces], Any], body: bytes, pieces: Pieces) -> None:
    """Checks that a parser gives the same however its input is cut."""
    whole = read([body])
    same(read(pieces), whole)
    if len(body) <= MAX_BYTEWISE:
        same(read([bytes([byte]) for byte in body]), whole)


def same(one: object, other: object) -> None:
    """Checks that two results are alike; their repr is compared, for NaN is unlike itself."""
    if repr(one) != repr(other):
        raise AssertionError(f"not the same:\n{one!r}\n{other!r}")


def told(error: BaseException | None) -> tuple[str, str] | None:
    """What two equal errors have in common."""
    return None if error is None else (type(error).__name__, str(error))


def flat(values: Sequence[Any]) -> list[Any]:
    return [attrs.asdict(value) for value in values]


# Streams ---------------------------------------------------------------------------------------


def run_sse(data: bytes) -> None:
    options, body, pieces = read_header(data)
    size = 24 if options & 1 else 1 << 20

    def read(pieces: Pieces) -> Any:
        decoder = SSEDecoder(max_size=size)
        blocks = [block for piece in pieces for block in decoder.feed_data(piece)]
        rest = None if decoder.fault else decoder.pending()
        return blocks, rest, decoder.last_event_id, decoder.retry, told(decoder.fault)

    any_split(read, body, pieces)
    decoder = SSEDecoder(max_size=size)
    try:
        for piece in pieces:
            decoder.feed(piece)
        decoder.close()
    except HFIError:
        assert decoder.fault is not None


def reply_headers(options: int) -> dict[str, str]:
    types = (None, "text/event-stream", "application/json", "text/html; charset=utf-8")
    kind = types[options & 3]
    return {} if kind is None else {"content-type": kind}


def read_stream(parser: Any, pieces: Pieces) -> Any:
    """All that a stream's parser tells; chunks that come at the end may come earlier."""
    chunks = [chunk for piece in pieces for chunk in parser.feed(piece)]
    chunks += parser.close()
    assert parser.done is (parser.error is None)
    completion = attrs.asdict(parser.completion())
    assert parser.feed(b"data: {}\n\n") == parser.close() == []
    return flat(chunks), completion, told(parser.error), parser.done, parser.started


def run_chat_stream(data: bytes) -> None:
    options, body, pieces = read_header(data)
    small = bool(options & 32)

    def read(pieces: Pieces) -> Any:
        parser = ChatStreamParser(
            headers=reply_headers(options),
            thinking=bool(options & 4),
            echo="Hel" if options & 8 else "",
            plain=bool(options & 16),
            **({"max_size": 64} if small else {}),  # type: ignore[arg-type]
        )
        return read_stream(parser, pieces)

    if small:  # how much had come when a bound was broken depends on the pieces
        read(pieces)
    else:
        any_split(read, body, pieces)


def run_text_stream(data: bytes) -> None:
    options, body, pieces = read_header(data)
    reading = TextReading(
        stops=("END", "\n\n") if options & 4 else (),
        prefix="Once" if options & 8 else "",
        keep_tokens=bool(options & 16),
    )

    def read(pieces: Pieces) -> Any:
        text = TextStreamParser(headers=reply_headers(options), reading=reading)
        if not options & 32:
            return read_stream(text, pieces)
        chat = ChatTextParser(text, thinking=bool(options & 64), trim=True, logprobs=True)
        return read_stream(chat, pieces)

    any_split(read, body, pieces)


# Whole replies ---------------------------------------------------------------------------------


def response_of(data: bytes) -> Response:
    return Response(
        status_code=200, headers=reply_headers(data[0] if data else 0), content=data[1:]
    )


def run_chat(data: bytes) -> None:
    try:
        answer = parse.chat_completion(response_of(data), thinking=bool(data[:1] > b"\x7f"))
    except HFIError as error:
        str(error), repr(error)
    else:
        repr(answer), str(answer), answer.text, answer.raw


def run_text(data: bytes) -> None:
    try:
        answer = text_generation(response_of(data))
    except HFIError as error:
        str(error), repr(error)
    else:
        repr(answer), str(answer), answer.raw


def run_image(data: bytes) -> None:
    request = Request(url="https://example.org/v1/images/generations")
    try:
        assert found_in(response_of(data), request, KINDS["image"]).items
    except HFIError as error:
        str(error), repr(error)


READERS = [task.read for task in all_tasks() if task.gives is None]


def run_results(data: bytes) -> None:
    """Any task may be answered with any JSON; what is read of it can be shown."""
    try:
        value = loads(data)
    except (ValueError, HFIError):
        return
    for read in READERS:
        try:
            found = read(value)
        except HFIError as error:
            str(error), repr(error)
            continue
        repr(found)
        if hasattr(found, "_repr_html_"):
            assert isinstance(found._repr_html_(), str)


def run_numbers(data: bytes) -> None:
    """As many rows as texts, of one length; tokens; ranks; or an error of ours."""
    try:
        value = loads(data)
    except (ValueError, HFIError):
        return
    readers: tuple[Callable[[Any], Any], ...] = (
        *(lambda body, texts=texts: read_embeddings(body, texts=texts) for texts in (1, 2)),
        *(read_similarities, read_tokens, lambda body: read_ranks(body, ["a", "b"])),
    )
    for read in readers:
        try:
            found = read(value)
        except HFIError as error:
            str(error), repr(error)
            continue
        repr(found)
        assert len(list(found)) == len(found)


STATUSES = (200, 400, 401, 403, 404, 413, 422, 424, 429, 500, 502, 503, 504, 529)


def run_error(data: bytes) -> None:
    choice, body = data[0] if data else 0, data[1:]
    status = STATUSES[choice % len(STATUSES)]
    headers = {**reply_headers(choice >> 6), "x-error-message": body[:40].decode("latin-1")}
    error = error_from_response(status, headers, body, now=1.7e9)
    assert isinstance(error, APIStatusError)
    # Not isprintable(): a newer Unicode has more letters than this Python knows.
    hidden = {unicodedata.category(char) for char in error.message} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not hidden, error.message
    assert len(error.message) < 2000
    str(error), repr(error)


# Headers, URLs, media --------------------------------------------------------------------------


def run_wait(data: bytes) -> None:
    text = data.decode("latin-1")
    first, _, second = text.partition("\n")
    waits = [
        header_hint({"Retry-After": first, "Date": second}, status_code=429),
        header_hint({"retry-after": first}, status_code=503, now=1.7e9),
        header_hint({"retry-after-ms": first, "ratelimit": second}, status_code=429),
        text_hint(data.decode("utf-8", "replace")),
    ]
    try:
        value = loads(data)
    except (ValueError, HFIError):
        value = {"retry_after": first, "retryDelay": second}
    waits.append(body_hint(value))
    for wait in waits:
        assert wait is None or 0 <= wait <= MAX_HINT_SECONDS, wait


def run_url(data: bytes) -> None:
    # As the environment gives what is not UTF-8.
    text, login = urls.split_login(data.decode("utf-8", "surrogateescape"))
    urls.safe_url(text)
    try:
        if login is not None:
            urls.basic_login(login)
        parsed = urls.parse_url(text, name="base_url")
        chat = urls.openai_url(text)
        same(urls.openai_url(chat), chat)
        urls.join_path(text, "/x")
    except HFIError:
        return
    same(urls.parse_url(parsed.text, name="base_url"), parsed)
    urls.with_query(parsed.text, {"a": [1, "b"], "c": None})
    assert "?" not in parsed.safe


def run_link(data: bytes) -> None:
    query = next_query({"link": data.decode("latin-1")})
    assert query is None or (query and all(query.values()))


def run_media(data: bytes) -> None:
    assert is_on_its_side(data) in (True, False)
    size = image_size(data)
    assert size is None or min(size) > 0
    kind = sniff(data) or "application/octet-stream"
    same(parse_data_url(data_url(data)), (kind, data))
    told_by = parse_data_url(data.decode("utf-8", "replace"))
    assert told_by is None or isinstance(told_by[1], bytes)


def run_header(data: bytes) -> None:
    sound, film = sound_facts(data), video_facts(data)
    for told in (*attrs.astuple(sound), *attrs.astuple(film)):
        assert told is None or told >= 0
    found = read_wav(data)
    if found is not None:
        assert found.start + found.length <= len(data)
        assert found.length % found.frame == 0
    try:
        made = waveform(loads(data))
    except (ValueError, HFIError):
        return
    assert made is None or read_wav(made) is not None


def run_model(data: bytes) -> None:
    try:
        value = loads(data)
    except (ValueError, HFIError):
        return
    read_providers(value)
    if isinstance(value, dict):
        read_special_tokens(value)
        info = read_model(value)
        # One that names no model would be left out above, with all of its fields unread.
        info = info or read_model({**value, "id": "org/name"})
        repr(info)


CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi", "tool_calls": None},
]


def run_template(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        prompt = render_template(text, CHAT, special_tokens={"bos_token": "<s>"})
    except HFIError as error:
        str(error)
    else:
        assert type(prompt) is str


# The line --------------------------------------------------------------------------------------


def run_inflate(data: bytes) -> None:
    options, body, pieces = read_header(data)
    limit = 64 if options & 2 else 1 << 22

    def read(pieces: Pieces) -> Any:
        inflater, out = Inflater(gzip=bool(options & 1), limit=limit), []
        try:
            for piece in pieces:
                out.append(inflater.feed(piece))
                while inflater.pending:
                    out.append(inflater.feed(b""))
                    assert len(out[-1]) <= PIECE_SIZE
            inflater.close()
        except HFIError:
            return "fault"  # which, and after how much, depends on the pieces
        return b"".join(out)

    any_split(read, body, pieces)


def run_framing(data: bytes) -> None:
    options, body, pieces = read_header(data)
    head = options & 1
    if options & 2:
        start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        body, pieces = start + body, [start, *pieces]
    request = f"{'HEAD' if head else 'GET'} / HTTP/1.1\r\nhost: x\r\n\r\n".encode()

    def state(pieces: Pieces) -> Any:
        framing = Framing(request)
        for piece in pieces:
            framing.feed(piece)
        return framing.whole

    def read(pieces: Pieces) -> Any:
        framing = Framing(request)
        return h11_reads([framing.feed(piece) for piece in pieces], head=bool(head))

    any_split(state, body, pieces)
    same(read(pieces), h11_reads(pieces, head=bool(head)))


def run_compiled(data: bytes) -> None:
    options, body, pieces = read_header(data)
    method = "HEAD" if options & 1 else "GET"
    if options & 2:
        start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        body, pieces = start + body, [start, *pieces]

    def read(pieces: Pieces) -> Any:
        reply, taken = CompiledReply(method), b""
        try:
            for piece in [*filter(None, pieces), b""]:
                reply.feed(piece)
                while part := reply.take():
                    taken += part
                if reply.over:
                    break
        except httpcore.RemoteProtocolError:
            pass
        return reply.headed and reply.status, taken, reply.over

    any_split(read, body, pieces)


def h11_reads(pieces: Pieces, *, head: bool) -> Any:
    """What the HTTP library makes of a reply that comes in these pieces."""
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=1_000_000)
    method = "HEAD" if head else "GET"
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    statuses, body = [], b""
    try:
        for piece in [*filter(None, pieces), b""]:
            client.receive_data(piece)
            while (event := client.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, (h11.InformationalResponse, h11.Response)):
                    statuses.append(event.status_code)
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                else:
                    return statuses, body, type(event).__name__, client.trailing_data[0]
    except h11.RemoteProtocolError:
        return statuses, body, "error"
    return statuses, body, "open"


# What they begin with --------------------------------------------------------------------------

CUTS = (bytes(HEADER), b"\x05\0\x03\0\x10\0\x21", b"\x14\0\x01\0\x02\x01\0", b"\x21\0\x40\0\0\0\7")
SAY = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}\n\n'
STREAMS = (
    SAY % (b"Hel", b"null") + SAY % (b"lo", b'"stop"') + b"data: [DONE]\n\n",
    SAY % (b"<think>a</think>b", b"null") + b'data: {"error":{"message":"no","code":500}}\n\n',
    b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","function":'
    b'{"name":"f","arguments":"{}"}}]}}]}\r\n\r\n',
    b'event: error\ndata: {"message":"overloaded","http_status_code":503}\n\n',
    b': ping\n\nerror: {"code":400}\n\ndata: {}\rretry: 10\rid: 7\r\r',
)
TEXTS = (
    b'data: {"index":1,"token":{"id":5,"text":"Hi","logprob":-0.5,"special":false},'
    b'"generated_text":null,"details":null}\n\n'
    b'data: {"index":2,"token":{"id":2,"text":"</s>","logprob":0,"special":true},'
    b'"generated_text":"Hi","details":{"finish_reason":"eos_token","generated_tokens":2}}\n\n',
    b'data: {"content":"Hi END","stop":false}\n\ndata: {"content":"","stop":true}\n\n',
    b'data: {"choices":[{"text":"Hi","finish_reason":"stop","logprobs":{"tokens":["Hi"],'
    b'"token_logprobs":[-1],"top_logprobs":[{"Hi":-1}]}}],"usage":{"total_tokens":3}}\n\n',
)
CHATS = (
    b'{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"Hi","tool_calls":[{"id":"1","type":"function","function":{"name":"f",'
    b'"arguments":"{\\"a\\": 1}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}',
    b'{"error":{"message":"no such model","type":"invalid_request_error","code":"x"}}',
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
)
ERRORS = (
    *CHATS,
    b'{"error":"Model x is currently loading","estimated_time":20.5}',
    b'{"detail":[{"loc":["body","n"],"msg":"too large","type":"value_error"}]}',
    b'[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"20s"}]}}]',
    b"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
)
WAITS = (
    *(b"20", b"1.5\nx", b"Wed, 21 Oct 2015 07:28:00 GMT\nWed, 21 Oct 2015 07:27:00 GMT"),
    *(b'20\n"api";r=0;t=55, "b";r=1;t=2', b"Please try again in 1m30.5s."),
    b'{"error":{"details":[{"retryDelay":"20s"}],"retry_after_ms":5}}',
)
URLS = (
    *(b"https://user:pass@example.org:8443/v1?key=1#x", b"http://[::1]:8080/v1beta/openai"),
    *(
        b"localhost:8000",
        b"https://u:\xff%ff@x",
        b"https://ex%61mple.org/openai/deployments/m/chat/completions?a=b",
    ),
)
LINKS = (
    b'<https://huggingface.co/api/models?limit=5&cursor=abc%3D>; rel="next"',
    b'</a?b=1&b=2>; title="x, y"; rel=prev, <?c>; rel=\'next last\'; rel="next"',
)
MEDIA = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08\x08\x02\0\0\0",
    b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x10\0\x20\x01\x01\x11\0",
    *(b"GIF89a\x10\0\x08\0", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x07\0\0"),
    *(b"BM" + bytes(12) + b"\x28\0\0\0\x10\0\0\0\x08\0\0\0", b"\0\0\0\x18ftypavif"),
    *(b"data:image/png;base64,iVBORw0KGgo=", b"data:text/plain;charset=utf-8,a%20b"),
)
RESULTS = (
    b'[[{"label":"a","score":0.5},{"label":"b","score":"0.1"}]]',
    b'{"sequence":"x","labels":["a","b"],"scores":[0.9,0.1]}',
    b'[{"entity_group":"PER","entity":"B-PER","score":0.9,"word":"Ann","start":0,"end":3}]',
    b'[[{"sequence":"a b","score":0.9,"token":7,"token_str":"b"}],[{"token_str":"c"}]]',
    b'{"answer":"x","score":0.9,"start":0,"end":1,"coordinates":[[0,1]],"cells":["x"],'
    b'"aggregator":"SUM"}',
    b'[{"label":"a","score":0.9,"box":{"xmin":0,"ymin":1,"xmax":2.5,"ymax":"3"},'
    b'"mask":"R0lGODlhAQABAA=="}]',
    b'[{"summary_text":"a","translation_text":"b","generated_text":"c"}]',
    b'[1.5,"2",null,[3]]',
)
NUMBERS = (
    b'{"data":[{"index":1,"embedding":[1,2.5]},{"index":0,"embedding":"AACAPwAAAEA="}],"model":"m",'
    b'"usage":{"prompt_tokens":"3"}}',
    b"[[[1,2],[3,4]],[[5,null]]]",
    b'{"count":1,"tokens":[{"id":1,"piece":[104,255]},2],"token_strs":["a"],"max_model_len":9}',
    b'[[{"id":0,"text":"a","special":false,"start":0,"stop":1}]]',
    b'{"results":[{"index":1,"relevance_score":0.5,"document":{"text":"b"}}]}',
)
MODELS = (
    b'{"id":"org/name","tags":["license:mit"],"gated":"auto","downloads":5,"inference":"warm",'
    b'"createdAt":"2024-01-02T03:04:05.000Z","config":{"tokenizer_config":{"bos_token":"<s>",'
    b'"eos_token":{"content":"</s>"},"chat_template":[{"name":"default","template":"x"}],'
    b'"model_max_length":4096}},"safetensors":{"total":10},"siblings":[{"rfilename":"a"}]}',
    b'{"modelId":"m","gguf":{"chat_template":"x","context_length":1e3,"total":2},'
    b'"cardData":{"license":["mit"],"base_model":"b"},"inferenceProviderMapping":'
    b'{"p":{"providerId":"q","task":"conversational","status":"live"}}}',
    b'{"id":"m","downloads":1' + b"0" * 400 + b',"likes":1e999,"trendingScore":NaN}',
)
_MVHD = b"\0\0\0\x1cmvhd" + bytes(12) + b"\0\0\3\xe8\0\0\x09\xc4"
_TRAK = b"\0\0\0\x64trak\0\0\0\x5ctkhd" + bytes(76) + b"\2\x80\0\0\1\xe0\0\0"
HEADERS = (
    wav_file(bytes(16), rate=8000, channels=2),
    b"RF64\xff\xff\xff\xffWAVEds64\4\0\0\0abcdfmt \x10\0\0\0\3\0\1\0\x40\x1f\0\0" + bytes(9),
    b"fLaC\0\0\0\x22" + bytes(10) + b"\x0a\xc4\x42\xf0\0\0\xac\x44" + bytes(16),
    b"OggS" + bytes(22) + b"\1\x1e\x01vorbis\0\0\0\0\2\x40\x1f\0\0" + bytes(9) + b"OggS\0\4\x10",
    b"OggS" + bytes(22) + b"\1\x13OpusHead\1\2\x38\1\x80\xbb" + bytes(5) + b"OggS\0\4" + bytes(8),
    b"ID3\4\0\0\0\0\0\1x\xff\xfb\x90\x64" + bytes(32) + b"Xing\0\0\0\1\0\0\0\5",
    b"\xff\xf3\x44\xc4" + bytes(204) + b"\xff\xf3\x44\xc4",
    b"FORM\0\0\0\x2eAIFFCOMM\0\0\0\x12\0\2\0\0\0\x10\0\x10\x40\x0b\xfa" + bytes(7),
    b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x88moov" + _MVHD + _TRAK,
    b"\x1aE\xdf\xa3\x87B\x82\x84webm\x18S\x80g\xff\x15I\xa9f\x8e*\xd7\xb1\x83\x0fB@D\x89\x84"
    b"D\xbb\x80\0\x16T\xaek\x8c\xae\x8a\xe0\x88\xb0\x82\2\x80\xba\x82\1\xe0",
    b'{"audio":[[0.1,-0.5],[0,1]],"sampling_rate":16000}',
    b'[{"array":[[[0.1,2]]],"sample_rate":1e3}]',
)
TEMPLATES = (
    b"{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m['content'] | trim }}\n"
    b"{%- if loop.last and add_generation_prompt %}<|assistant|>{% endif %}{% endfor %}",
    b"{% macro f(x, y=2) %}{{ x * y }}{% endmacro %}{{ f('a', 3) }}{{ messages | tojson }}"
    b"{% set ns = namespace(n=0) %}{% for i in range(5) %}{% set ns.n = ns.n + i %}{% endfor %}",
    b"{{ raise_exception('no ' ~ messages[0].content.split(' ')[-1].upper()) }}",
    b"{% generation %}{{ '%5s' % 1 }}{{ 2 ** 9 // 3 }}{{ 'a,b'.split(',') | join('-') }}",
)
REPLIES = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 408",
    b"HTTP/1.0 200 OK\r\n\r\nabc",
)
GZIPPED = gzip.compress(b"hello " * 20, mtime=0)
PACKED = (GZIPPED * 2, GZIPPED + b"\0\0", zlib.compress(b"hello" * 9), zlib.compress(bytes(9999)))
CHUNKS = b"5;x=y\r\nabcde\r\nA\r\n0123456789\r\n0\r\nA: b\r\n\r\n"


def in_pieces(seeds: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(cuts + seed for seed in seeds for cuts in CUTS)


def with_choice(seeds: Sequence[bytes], *choices: int) -> tuple[bytes, ...]:
    return tuple(bytes([choice]) + seed for seed in seeds for choice in choices)


# Words that chance would take long to write.
WORDS = (
    *(b"data:", b"event: error", b"retry:", b"\r\n\r\n", b"\n\n", b"[DONE]", b"\xef\xbb\xbf"),
    *(b"NaN", b"1e999", b"-1", b"null", b"true", b"[]", b"{}", b'""'),
    *(b"\\ud800", b"\\u202e", b"\xed\xa0\x80", b"<think>", b"</think>", b"error", b"\xff"),
    *(b'"tool_calls":[{', b'"message":', b'"delta":', b'"finish_reason":"stop"', b'"usage":{'),
    *(b"https://", b"[::1]", b"http://[", b":99999", b"%ff", b'; rel="next"', b"base64,", b"xn--"),
    *(b"{{", b"}}", b"{%", b"%}", b"| tojson", b"range(", b"namespace(", b"endfor", b" * 99999"),
    *(b"\x1f\x8b\x08", b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
)

TARGETS = {
    "sse": Target(run_sse, in_pieces(STREAMS)),
    "chat-stream": Target(run_chat_stream, in_pieces(STREAMS + CHATS)),
    "text-stream": Target(run_text_stream, in_pieces(TEXTS)),
    "chat": Target(run_chat, with_choice(CHATS + STREAMS, 0, 130)),
    "text": Target(run_text, with_choice((b'[{"generated_text":"Hi"}]', *TEXTS), 0, 2)),
    "image": Target(run_image, with_choice((b'{"data":[{"b64_json":"R0lGODlhAQABAA=="}]}',), 2)),
    "error": Target(run_error, with_choice(ERRORS, 0, 1, 8, 11, 199)),
    "wait": Target(run_wait, WAITS),
    "url": Target(run_url, URLS),
    "link": Target(run_link, LINKS),
    "media": Target(run_media, MEDIA),
    "header": Target(run_header, HEADERS),
    "model": Target(run_model, MODELS),
    "results": Target(run_results, RESULTS),
    "numbers": Target(run_numbers, NUMBERS),
    "template": Target(run_template, TEMPLATES),
    "inflate": Target(run_inflate, (*in_pieces(PACKED), b"\x01" + bytes(6) + GZIPPED)),
    "framing": Target(run_framing, (*in_pieces(REPLIES), b"\2\0\1\0\3\0\7" + CHUNKS)),
}
if fast_is_there():  # the extra `fast` is installed
    from hfi._network.compiled import CompiledReply

    TARGETS["compiled"] = Target(run_compiled, TARGETS["framing"].seeds)
