"""Sounds: what is said in one, what it is, and making one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.media_options import (
    AudioClassificationArguments,
    AudioToAudioArguments,
    AutomaticSpeechRecognitionArguments,
    SpeechArguments,
)

if TYPE_CHECKING:
    from hfi.types.audio import Transcription
    from hfi.types.classes import Classification
    from hfi.types.media import Audio, AudioPart
    from hfi.types.results import Results

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncAudioMethods"]


class AsyncAudioMethods(AsyncTaskMethods):
    """Speech recognition, classification of sounds, and sounds made of text or of other sounds."""

    @lists_options(AutomaticSpeechRecognitionArguments)
    async def automatic_speech_recognition(
        self, audio: Any, **options: Unpack[AutomaticSpeechRecognitionArguments]
    ) -> Transcription:
        """Writes down what is said in a sound.

        Args:
            audio: A path, a URL, bytes, a binary file, an ``Audio``, or ``(array, rate)``: samples
                of shape (samples,) or (samples, channels) with their rate in Hz. A URL is passed on
                where the provider takes one, and fetched for it otherwise.
            **options: What ``hfi.types.media_options`` lists. One that is None is not sent;
                ``extra_body`` takes what only a provider knows, such as a language.

        Raises:
            ConfigurationError: The arguments do not fit together, what was given is no sound, or a
                token is missing.
            ModelNotSupportedError: Nobody recognises speech with this model.
            APIStatusError: The last provider refused, or the job failed; ``.earlier`` holds what
                the others said.
            APIConnectionError: There was no answer, or no result within ``timeout.total``.
            ResponseError: What came is no transcription.
        """
        said: Transcription = await self._perform(
            "automatic_speech_recognition", {"audio": audio}, options
        )
        return said

    @lists_options(AudioClassificationArguments)
    async def audio_classification(
        self, audio: Any, **options: Unpack[AudioClassificationArguments]
    ) -> Results[Classification]:
        """Tells what a sound is: classes with their scores, in the server's order.

        Args:
            audio: As for ``automatic_speech_recognition``.
            **options: What is listed below.

        Raises:
            HFIError: As ``automatic_speech_recognition``.
        """
        classes: Results[Classification] = await self._perform(
            "audio_classification", {"audio": audio}, options
        )
        return classes

    @lists_options(AudioToAudioArguments)
    async def audio_to_audio(
        self, audio: Any, **options: Unpack[AudioToAudioArguments]
    ) -> Results[AudioPart]:
        """Turns a sound into others: into speech without noise, or into each speaker's part.

        Args:
            audio: As for ``automatic_speech_recognition``.
            **options: What is listed below.

        Raises:
            HFIError: As ``automatic_speech_recognition``.
        """
        parts: Results[AudioPart] = await self._perform("audio_to_audio", {"audio": audio}, options)
        return parts

    @lists_options(SpeechArguments)
    async def text_to_speech(self, text: str, **options: Unpack[SpeechArguments]) -> Audio:
        """Says a text.

        Args:
            text: What to say.
            **options: What ``hfi.types.media_options`` lists. One that is None is not sent;
                ``extra_body`` takes what only a provider knows, such as a voice.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: Nobody speaks with this model.
            APIStatusError: The last provider refused, or the job failed; ``.earlier`` holds what
                the others said.
            APIConnectionError: There was no answer, or no sound within ``timeout.total``.
            ResponseError: What came is no sound.
        """
        sound: Audio = await self._perform("text_to_speech", {"text": text}, options)
        return sound

    @lists_options(SpeechArguments)
    async def text_to_audio(self, text: str, **options: Unpack[SpeechArguments]) -> Audio:
        """Makes a sound of a description, such as music or rain.

        Args:
            text: What to make.
            **options: As for ``text_to_speech``.

        Raises:
            HFIError: As ``text_to_speech``.
        """
        sound: Audio = await self._perform("text_to_audio", {"text": text}, options)
        return sound
