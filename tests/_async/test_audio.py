"""Tasks about sounds, from the call to the value, against fake providers."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from hfi import AsyncClient, Audio, AudioPart, Transcription, TranscriptionChunk, errors
from hfi._async import drive as driver
from rawserver import Peer, RawServer
from servers.media import CDN, FILES, MP4, PNG, ROUTER, WAV, MediaProviders

TOKEN = "hf_" + "a" * 20
B64 = base64.b64encode(WAV).decode()
HELLO = {"text": "hello world"}


def client_of(fake: MediaProviders, **options: Any) -> AsyncClient:
    return AsyncClient("org/m", **{"token": TOKEN, "transport": fake.transport, **options})


def listening(**replies: Any) -> MediaProviders:
    return MediaProviders("automatic-speech-recognition", **replies)


def speaking(**replies: Any) -> MediaProviders:
    return MediaProviders("text-to-speech", **replies)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        assert seconds > 0

    monkeypatch.setattr(driver, "async_sleep", at_once)


# -- speech recognition ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["bytes", "path", "str", "file", "value", "data-url"])
async def test_every_form_of_sound_sends_the_same(form: str, tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    path.write_bytes(WAV)
    source: Any = {
        "bytes": WAV,
        "path": path,
        "str": str(path),
        "file": io.BytesIO(WAV),
        "value": Audio(bytes=WAV, content_type="audio/wav"),
        "data-url": f"data:audio/wav;base64,{B64}",
    }[form]
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        said = await client.automatic_speech_recognition(source)
    assert isinstance(said, Transcription)
    assert (said.text, said.model, said.provider) == ("hello world", "org/m", "hf-inference")
    assert said.meta.attempts == 1
    (request,) = fake.seen
    assert (request.content, request.headers["content-type"]) == (WAV, "audio/wav")


async def test_samples_with_their_rate() -> None:
    numpy = pytest.importorskip("numpy")
    samples = numpy.frombuffer(WAV[44:], "<i2")
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        await client.automatic_speech_recognition((samples, 8000))
    assert fake.seen[0].content == WAV


async def test_options_put_the_sound_into_json() -> None:
    chunks = [
        {"text": "hello", "timestamp": [0, 0.5]},
        {"text": " world", "timestamp": [0.5, None]},
    ]
    fake = listening(hf_inference=[{**HELLO, "chunks": chunks}])
    async with client_of(fake, provider="hf-inference") as client:
        said = await client.automatic_speech_recognition(
            WAV, return_timestamps=True, extra_body={"x": 1}
        )
    assert said.chunks == (
        TranscriptionChunk(text="hello", start=0.0, end=0.5),
        TranscriptionChunk(text=" world", start=0.5),
    )
    assert fake.bodies() == [{"inputs": B64, "parameters": {"return_timestamps": True, "x": 1}}]


async def test_a_url_is_passed_on_where_it_can_be() -> None:
    fake = listening(fal_ai=[HELLO])
    async with client_of(fake) as client:
        await client.automatic_speech_recognition(f"{FILES}/in.wav")
    assert not fake.asked("files.example.com")
    assert fake.bodies() == [{"audio_url": f"{FILES}/in.wav"}]


async def test_a_url_is_fetched_where_it_must_be() -> None:
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference", headers={"x-own": "1"}) as client:
        said = await client.automatic_speech_recognition(f"{FILES}/in.wav")
    fetched, asked = fake.seen
    assert fetched.url == f"{FILES}/in.wav"
    assert "authorization" not in fetched.headers
    assert "x-own" not in fetched.headers
    assert asked.content == WAV
    assert said.meta.attempts == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("in.html", "audio: these bytes are a web page"), ("in.png", "are image/png, not a sound")],
)
async def test_what_lies_at_a_url_is_no_sound(name: str, words: str) -> None:
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        with pytest.raises(errors.ConfigurationError, match=words):
            await client.automatic_speech_recognition(f"{FILES}/{name}")
    assert not fake.asked(ROUTER)


async def test_nothing_lies_at_a_url() -> None:
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        with pytest.raises(errors.ConfigurationError, match="cannot be fetched from its URL"):
            await client.automatic_speech_recognition(f"{FILES}/missing")


async def test_the_types_that_fal_takes() -> None:
    fake = listening(fal_ai=[HELLO])
    async with client_of(fake) as client:
        await client.automatic_speech_recognition(WAV)
        await client.automatic_speech_recognition(b"ID3" + bytes(20))
    urls = [body["audio_url"].partition(";")[0] for body in fake.bodies()]
    assert urls == ["data:audio/x-wav", "data:audio/mpeg"]


@pytest.mark.parametrize("provider", ["deepinfra", "together"])
async def test_forms(provider: str) -> None:
    segments = [{"text": "hello world", "start": 0, "end": 0.5, "id": 0}]
    fake = listening(**{provider: [{**HELLO, "segments": segments, "language": "en"}]})
    async with client_of(fake) as client:
        said = await client.automatic_speech_recognition(WAV, extra_body={"language": "en"})
    assert said.chunks == (TranscriptionChunk(text="hello world", start=0.0, end=0.5),)
    assert said.language == "en"
    request = fake.asked(ROUTER)[0]
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    body = request.content
    assert b'name="model"\r\n\r\n' + f"{provider}-id".encode() + b"\r\n" in body
    assert b'name="language"\r\n\r\nen\r\n' in body
    assert b'filename="audio.wav"\r\nContent-Type: audio/wav\r\n\r\n' + WAV in body


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("hello world", "hello world"),
        (["hello world"], "hello world"),
        ({"transcription": "hello world"}, "hello world"),
        ({"translation": "hello world"}, "hello world"),
        ({"txt_file": f"{CDN}/out.txt"}, "from a file"),
    ],
)
async def test_what_replicate_gives(output: Any, text: str) -> None:
    reply = {"status": "succeeded", "output": output}
    fake = listening(replicate=[reply])
    async with client_of(fake) as client:
        said = await client.automatic_speech_recognition(WAV)
    assert said.text == text
    assert fake.bodies()[0]["input"]["audio"] == f"data:audio/wav;base64,{B64}"


async def test_falling_over() -> None:
    fake = listening(fal_ai=[(402, {"detail": "no credits"})], hf_inference=[HELLO])
    async with client_of(fake) as client:
        said = await client.automatic_speech_recognition(f"{FILES}/in.wav")
    assert said.provider == "hf-inference"
    assert [type(each) for each in said.meta.earlier] == [errors.PaymentRequiredError]


async def test_what_cannot_be_sent_is_refused_before_anything_is() -> None:
    fake = listening(fal_ai=[HELLO])
    async with client_of(fake) as client:
        for source in (None, 3, b"", "no-such-file.wav", PNG, iter(b"")):
            with pytest.raises(errors.ConfigurationError, match=r"audio|no-such-file"):
                await client.automatic_speech_recognition(source)
        with pytest.raises(errors.ConfigurationError, match="return_timestamps must be"):
            await client.automatic_speech_recognition(WAV, return_timestamps="sometimes")  # type: ignore[arg-type]
        with pytest.raises(errors.ConfigurationError, match="no option 'language'"):
            await client.automatic_speech_recognition(WAV, language="en")  # type: ignore[call-arg]
    assert not fake.seen


async def test_an_error_with_a_success_s_status() -> None:
    fake = listening(hf_inference=[{"error": "the sound is too long"}])
    async with client_of(fake, provider="hf-inference") as client:
        with pytest.raises(errors.HFIError, match="the sound is too long"):
            await client.automatic_speech_recognition(WAV)


# -- classes, and other sounds ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (WAV, "audio/wav"),
        (b"\0\0\0\x20ftypM4A " + bytes(20), "audio/m4a"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "audio/webm"),
        (MP4, "audio/x-audio"),
        (b"caff\0\x01" + bytes(20), "audio/x-audio"),
    ],
)
async def test_types_as_hugging_face_s_servers_know_them(head: bytes, told: str) -> None:
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        await client.automatic_speech_recognition(head)
    assert fake.seen[0].headers["content-type"] == told


async def test_a_url_that_one_provider_had_fetched_is_passed_on_to_the_next() -> None:
    fake = listening(hf_inference=[(400, {"error": "no"})], fal_ai=[HELLO])
    async with client_of(fake) as client:
        said = await client.automatic_speech_recognition(f"{FILES}/in.wav")
    assert said.provider == "fal-ai"
    assert json.loads(fake.seen[-1].content) == {"audio_url": f"{FILES}/in.wav"}


async def test_classes() -> None:
    classes = [{"label": "dog", "score": 0.9}, {"label": "cat", "score": 0.1}]
    fake = MediaProviders("audio-classification", hf_inference=[classes])
    async with client_of(fake, provider="hf-inference") as client:
        found = await client.audio_classification(WAV)
        await client.audio_classification(WAV, top_k=2, function_to_apply="softmax")
    assert [(each.label, each.score) for each in found] == [("dog", 0.9), ("cat", 0.1)]
    assert fake.seen[0].content == WAV
    sent = {"inputs": B64, "parameters": {"top_k": 2, "function_to_apply": "softmax"}}
    assert json.loads(fake.seen[1].content) == sent


async def test_parts() -> None:
    reply = [{"label": "speech", "content-type": "audio/wav", "blob": B64}]
    fake = MediaProviders("audio-to-audio", hf_inference=[reply])
    async with client_of(fake, provider="hf-inference") as client:
        parts = await client.audio_to_audio(WAV)
    assert [type(part) for part in parts] == [AudioPart]
    assert (parts[0].label, parts[0].audio.bytes) == ("speech", WAV)
    assert parts.provider == "hf-inference"


async def test_parts_of_a_job() -> None:
    job = {
        "status": "COMPLETED",
        "request_id": "1",
        "response_url": "https://queue.fal.run/a/requests/1",
    }
    done = {"audio": {"url": f"{CDN}/out.wav", "content_type": "audio/wav"}}
    fake = MediaProviders("audio-to-audio", fal_ai=[{**job, "status": "IN_QUEUE"}, job, done])
    async with client_of(fake) as client:
        parts = await client.audio_to_audio(WAV)
    assert parts[0].audio.bytes == WAV
    (download,) = fake.asked("cdn.example.com")
    assert "authorization" not in download.headers


# -- speech ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        WAV,
        {"audio": B64, "sampling_rate": 8000},
        [{"audio": B64, "sampling_rate": 8000}],
        {"audio": f"data:audio/wav;base64,{B64}"},
        {"audio": {"url": f"{CDN}/out.wav"}},
        {"output": f"{CDN}/out.wav"},
    ],
)
async def test_every_form_of_reply(reply: Any) -> None:
    fake = speaking(hf_inference=[reply])
    async with client_of(fake, provider="hf-inference") as client:
        sound = await client.text_to_speech("Hello.")
    assert isinstance(sound, Audio)
    assert (sound.bytes, sound.content_type, sound.prompt) == (WAV, "audio/wav", "Hello.")
    assert (sound.duration, sound.sampling_rate, sound.channels) == (0.001, 8000, 1)
    assert (sound.model, sound.provider) == ("org/m", "hf-inference")
    assert fake.bodies()[0] == {"inputs": "Hello."}


async def test_samples_in_json() -> None:
    fake = speaking(hf_inference=[{"audio": [[0.0, 0.5, -0.5]], "sampling_rate": 16000}])
    async with client_of(fake, provider="hf-inference") as client:
        sound = await client.text_to_speech("Hello.")
    assert (sound.content_type, sound.sampling_rate, len(sound.bytes)) == ("audio/wav", 16000, 50)


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("hf-inference", {"inputs": "Hi", "parameters": {"top_k": 5, "voice": "a"}}),
        ("fal-ai", {"text": "Hi", "top_k": 5, "voice": "a"}),
        ("together", {"model": "together-id", "input": "Hi", "top_k": 5, "voice": "a"}),
        ("deepinfra", {"model": "deepinfra-id", "input": "Hi", "top_k": 5, "voice": "a"}),
        ("replicate", {"input": {"text": "Hi", "top_k": 5, "voice": "a"}}),
    ],
)
async def test_what_providers_are_sent(provider: str, body: Any) -> None:
    replies: dict[str, list[Any]] = {provider: [WAV]}
    if provider == "replicate":
        replies[provider] = [{"status": "succeeded", "output": f"{CDN}/out.wav"}]
    fake = speaking(**replies)
    async with client_of(fake) as client:
        sound = await client.text_to_speech("Hi", top_k=5, extra_body={"voice": "a"})
    assert (sound.bytes, sound.provider) == (WAV, provider)
    assert fake.bodies() == [body]


async def test_text_to_audio_of_a_job() -> None:
    job = {
        "status": "COMPLETED",
        "request_id": "1",
        "response_url": "https://queue.fal.run/a/requests/1",
    }
    fake = MediaProviders("text-to-audio", fal_ai=[job, {"audio_file": {"url": f"{CDN}/out.wav"}}])
    async with client_of(fake) as client:
        sound = await client.text_to_audio("rain", extra_body={"seconds_total": 2})
    assert sound.url == f"{CDN}/out.wav"
    assert fake.bodies() == [{"prompt": "rain", "seconds_total": 2}]


async def test_saving_what_was_said(tmp_path: Path) -> None:
    fake = speaking(hf_inference=[WAV, HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        sound = await client.text_to_speech("Hello.")
        assert sound.save(tmp_path / "hello") == tmp_path / "hello.wav"
        said = await client.automatic_speech_recognition(sound)
    assert fake.seen[1].content == WAV
    assert said.text


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (PNG, errors.ResponseError, "Where a sound was due came image/png"),
        (b"", errors.ResponseError, "neither a sound nor JSON"),
        ({"audio": "x"}, errors.ResponseError, "There is not a sound in the reply"),
        ({"error": "voice unknown"}, errors.HFIError, "voice unknown"),
        ({"audio": {"url": f"{CDN}/gone.html"}}, errors.ResponseError, "Where a sound was due"),
        ({"audio": {"url": f"{CDN}/missing"}}, errors.ResponseError, "cannot be fetched"),
    ],
)
async def test_what_came_is_no_sound(reply: Any, kind: type[Exception], words: str) -> None:
    fake = speaking(hf_inference=[reply])
    async with client_of(fake, provider="hf-inference") as client:
        with pytest.raises(kind, match=words):
            await client.text_to_speech("Hello.")


async def test_a_sound_in_a_film_is_a_sound() -> None:
    fake = speaking(hf_inference=[MP4])
    async with client_of(fake, provider="hf-inference") as client:
        sound = await client.text_to_speech("Hello.")
    assert sound.content_type == "video/mp4"


async def test_text_that_is_none() -> None:
    fake = speaking(hf_inference=[WAV])
    async with client_of(fake, provider="hf-inference") as client:
        with pytest.raises(errors.ConfigurationError, match="text must be a string, not bytes"):
            await client.text_to_speech(b"Hello.")  # type: ignore[arg-type]
    assert not fake.seen


# -- servers of one's own, over a real line --------------------------------------------------------


async def test_a_server_of_one_s_own() -> None:
    def endpoint(peer: Peer) -> None:
        while peer.read_request():
            speaks = b"inputs" in peer.body
            reply = WAV if speaks else json.dumps(HELLO).encode()
            kind = "audio/wav" if speaks else "application/json"
            peer.reply(reply, headers={"Content-Type": kind})

    with RawServer(endpoint) as server:
        async with AsyncClient(base_url=server.url) as client:
            sound = await client.text_to_speech("Hello.")
            said = await client.automatic_speech_recognition(sound)
        assert (sound.bytes, said.text, said.provider) == (WAV, "hello world", None)
        assert [seen[:2] for seen in server.seen] == [("POST", "/"), ("POST", "/")]
        assert json.loads(server.seen[0][3]) == {"inputs": "Hello."}
        assert server.seen[1][3] == WAV
        assert not any("authorization" in seen[2] for seen in server.seen)


async def test_a_server_with_openai_s_routes() -> None:
    def server_of_speech(peer: Peer) -> None:
        while peer.read_request():
            speaks = peer.target.endswith("/speech")
            reply = WAV if speaks else json.dumps(HELLO).encode()
            kind = "audio/wav" if speaks else "application/json"
            peer.reply(reply, headers={"Content-Type": kind})

    with RawServer(server_of_speech) as server:
        async with AsyncClient("whisper", base_url=f"{server.url}/v1") as client:
            sound = await client.text_to_speech("Hello.", extra_body={"voice": "alloy"})
            said = await client.automatic_speech_recognition(sound)
        assert (sound.bytes, said.text) == (WAV, "hello world")
        assert [seen[1] for seen in server.seen] == ["/v1/audio/speech", "/v1/audio/transcriptions"]
        spoken = {"model": "whisper", "input": "Hello.", "voice": "alloy"}
        assert json.loads(server.seen[0][3]) == spoken
        assert b'name="model"\r\n\r\nwhisper\r\n' in server.seen[1][3]


async def test_openai_s_route_takes_no_urls() -> None:
    fake = listening(v1=[HELLO])
    url = "https://speech.example.com/v1"
    async with AsyncClient("whisper", base_url=url, transport=fake.transport) as client:
        await client.automatic_speech_recognition(f"{FILES}/in.wav")
        with pytest.warns(UserWarning, match="return_timestamps"):
            await client.automatic_speech_recognition(WAV, return_timestamps=True)
    fetched, asked, again = fake.seen
    assert (fetched.method, str(asked.url)) == ("GET", f"{url}/audio/transcriptions")
    assert WAV in asked.content
    assert b"return_timestamps" not in again.content


async def test_explanations_send_nothing() -> None:
    fake = listening(together=[HELLO])
    async with client_of(fake) as client:
        told = await client.explain("automatic_speech_recognition", WAV)
        assert not fake.asked(ROUTER)
        assert told.url == "https://router.huggingface.co/together/v1/audio/transcriptions"
        await client.automatic_speech_recognition(WAV)
    assert str(fake.asked(ROUTER)[0].url) == told.url


async def test_an_explanation_as_a_command() -> None:
    fake = listening(together=[HELLO], hf_inference=[HELLO])
    async with client_of(fake) as client:
        method = "automatic_speech_recognition"
        form = await client.explain(method, WAV, extra_body={"language": "<en>"})
        whole = await client.explain(method, WAV, provider="hf-inference")
    lines = form.as_curl()
    assert "-F 'file=@FILE;type=audio/wav'" in lines
    assert "--form-string model=together-id" in lines
    assert "--form-string 'language=<en>'" in lines
    assert "content-type" not in lines
    assert whole.as_curl().endswith("--data-binary @FILE")
    assert "content-type: audio/wav" in whole.as_curl()


async def test_an_explanation_fetches_nothing() -> None:
    fake = listening(hf_inference=[HELLO])
    async with client_of(fake, provider="hf-inference") as client:
        method = "automatic_speech_recognition"
        bare = await client.explain(method, f"{FILES}/in.wav")
        full = await client.explain(method, f"{FILES}/in.wav", return_timestamps=True)
    assert not fake.seen
    assert bare.payload is None
    assert full.payload["inputs"] == f"<base64 of {FILES}/in.wav>"
    for told in (bare, full):
        assert "What lies at the URL is fetched first, without your token." in told.notes
