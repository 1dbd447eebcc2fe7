"""Where hfi's requests and results differ from those of the two official clients, and why.

One table, for the comparison with what was recorded of them (``conformance/test_task_requests.py``)
and for the page that tells users (``docs/providers.md``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

__all__ = ["DIFFERENCES", "Delta", "Difference", "explained_by", "markdown"]

PY, JS = "huggingface_hub", "huggingface.js"
CLIENTS = {PY: "Python", JS: "JavaScript"}
FORMS = {PY: ("pathlib", "file", "pil"), JS: ("url",)}
"""The forms of media that some of their tasks refuse."""


@attrs.frozen(kw_only=True)
class Delta:
    """One thing in which a recorded call and ours differ.

    Attributes:
        client: Whose recording it is.
        provider, task: As the Hub spells them.
        record: The recorded call.
        place: What differs: ``"url"``, ``"header accept"``, ``"body image_url"``, ``"body kind"``,
            ``"follow-ups"``, ``"result"``, ``"error"``.
        ours, theirs: What was sent, or came of it; None where there was nothing.
    """

    client: str
    provider: str
    task: str
    record: Mapping[str, Any] = attrs.field(repr=False)
    place: str
    ours: Any = None
    theirs: Any = None


@attrs.frozen(kw_only=True)
class Difference:
    """One row: what we do otherwise, on purpose.

    Attributes:
        what: The matter, a few words.
        python, javascript: What each client does.
        ours: What hfi does.
        why: The reason.
        place: A regular expression for the places that it explains.
        client: Whose; both where None.
        provider, task: Regular expressions for where.
        fits: A closer look at a delta.
        recorded: Whether the recordings at hand show it; else it was read off their sources.
    """

    what: str
    python: str
    javascript: str
    ours: str
    why: str
    place: str
    client: str | None = None
    provider: str = ".*"
    task: str = ".*"
    fits: Callable[[Delta], bool] = lambda _: True
    recorded: bool = True

    def explains(self, delta: Delta) -> bool:
        """Whether a delta is of this kind."""
        return (
            self.client in (None, delta.client)
            and re.fullmatch(self.provider, delta.provider) is not None
            and re.fullmatch(self.task, delta.task) is not None
            and re.fullmatch(self.place, delta.place) is not None
            and self.fits(delta)
        )


def explained_by(delta: Delta) -> Difference | None:
    """The first row that explains a delta, or None."""
    return next((row for row in DIFFERENCES if row.explains(delta)), None)


def _only_theirs(delta: Delta) -> bool:
    return delta.ours is None and delta.theirs is not None


def _only_ours(delta: Delta) -> bool:
    return delta.ours is not None and delta.theirs is None


def _same_file(delta: Delta) -> bool:
    """Two data URLs of one file, or its base64 and its data URL."""
    pair = (delta.ours, delta.theirs)
    if not all(isinstance(each, str) for each in pair):
        return False
    ours, theirs = (each.rpartition(",")[2] for each in pair)
    return bool(ours) and ours == theirs


def _output(delta: Delta) -> bool:
    return bool(delta.record["call"]["options"].get("outputType"))


def _gave_url(delta: Delta) -> bool:
    """Whether they give the URL of what was made, where the provider sends one."""
    value = (delta.record["result"] or {}).get("value")
    return isinstance(value, str) and value.startswith("https://")


def _given_as(*forms: str) -> Callable[[Delta], bool]:
    def fits(delta: Delta) -> bool:
        inputs = delta.record["call"]["inputs"].values()
        return any(isinstance(each, dict) and each.get("as") in forms for each in inputs)

    return fits


def _of_extra_body(delta: Delta) -> bool:
    """A field that the user gave by ``extra_body``, or one inside such a field."""
    place = delta.place.removeprefix("body ")
    name = re.sub(r"^(input|parameters)\.", "", place).partition(".")[0]
    return name in delta.record["call"]["extra_body"]


def _not_understood(delta: Delta) -> bool:
    """Whether their client failed at a reply, not the provider."""
    failed = str(delta.record.get("error") or "")
    words = r"malformed|[Ee]xpected|Invalid input data|(Key|Type|Image)Error"
    return re.search(words, failed) is not None


def _first_cannot(delta: Delta) -> bool:
    """Whether the provider that the Hub names first is none to ask."""
    _, first = next(iter(delta.record["call"]["mapping"].items()))
    unknown = "not supported" in str(delta.record.get("error"))
    return unknown or first["status"] == "error" or first["task"] != delta.task


def _unmapped(delta: Delta) -> bool:
    """Whether their client found no entry for the provider and the task."""
    words = r"not supported|not been able to find"
    return re.search(words, str(delta.record.get("error"))) is not None


def _unsorted(delta: Delta) -> bool:
    """Whether the rows of embeddings came in another order than their numbers say."""
    rows = delta.record["responses"][-1].get("json", {}).get("data", [])
    indices = [row.get("index") for row in rows]
    return indices != sorted(indices)


def markdown() -> str:
    """The table, for the page of providers."""
    head = ["What", "Python's client", "JavaScript's client", "hfi", "Why"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in DIFFERENCES:
        where = "" if row.recorded else " (read off their sources)"
        cells = [row.what + where, row.python, row.javascript, row.ours, row.why]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


_FROM_IMAGES = "image-to-image|image-text-to-image|image-to-video|image-segmentation"
_RAW = (
    "automatic-speech-recognition|audio-.*|object-detection"
    "|image-(classification|segmentation|to-image|to-text)"
)
_NO_TOKEN = "requests|follow-ups|error"

_CHAT, _TEXT = "conversational", "text-generation"
_OWN_WORDS = ("messages", "response_format", "tools")


def _auth(kind: str) -> Callable[[Delta], bool]:
    return lambda delta: delta.record["call"]["auth"] == kind


def _routed(delta: Delta) -> bool:
    return delta.record["call"]["auth"] == "hf" and not delta.record["call"]["base_url"]


def _without_null(delta: Delta) -> bool:
    name = delta.place.removeprefix("body ")
    return delta.ours == "null" and name.startswith(_OWN_WORDS)


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        what="`extra_body` with a `model`",
        python="wins on hf-inference alone",
        javascript="never wins",
        ours="wins",
        why="What `extra_body` holds is the user's word.",
        place="body model",
        task=_CHAT,
        fits=_of_extra_body,
    ),
    Difference(
        what="chats with a named provider, with a Hugging Face token",
        python="`router/{provider}/...`, with the provider's id of the model",
        javascript="likewise",
        ours="the router's one route for chats; the model is `id:provider`",
        why="The router knows the id itself: no look-up before the first chat, and providers that"
        " are newer than the client work.",
        place="url|body model|header (accept-language|x-source-channel)",
        task=_CHAT,
        fits=_routed,
    ),
    Difference(
        what="the model on a server of one's own, where none is named",
        python="`dummy`",
        javascript="the URL",
        ours="nothing",
        why="vLLM answers 404 to a name that it does not have.",
        place="body model",
        provider="endpoint",
    ),
    Difference(
        what="`stream` of chats that are not streamed",
        python="sends `false`",
        javascript="leaves it out",
        ours="leaves it out",
        why="An option that is not given is not sent.",
        place="body stream",
        client=PY,
        task=_CHAT,
        fits=lambda delta: delta.ours is None and delta.theirs is False,
    ),
    Difference(
        what="the usage of a stream",
        python="is asked for by the user",
        javascript="likewise",
        ours="is asked for, unless `stream_options={}`",
        why="`.usage` of a stream would be None without.",
        place="body stream_options",
        task=f"{_CHAT}|{_TEXT}",
        fits=_only_ours,
    ),
    Difference(
        what="nulls inside messages and schemas",
        python="are left out",
        javascript="are sent",
        ours="are sent",
        why='`"default": null` and `"content": null` mean something.',
        place="body .*",
        client=PY,
        task=_CHAT,
        fits=_without_null,
    ),
    Difference(
        what="`response_format` with a JSON schema",
        python="is rewritten for cohere, fireworks-ai, hf-inference, together, and any URL",
        javascript="is rewritten for together alone",
        ours="is rewritten where one of these is called itself; the router and URLs get OpenAI's"
        " form",
        why="The router and most servers speak OpenAI's form; TGI, behind hf-inference, does not.",
        place=r"body response_format\..*",
        task=_CHAT,
    ),
    Difference(
        what="`bill_to` with a provider's own key",
        python="is sent to the provider, with a warning that it is ignored",
        javascript="is sent to the provider",
        ours="is not sent, with a warning",
        why="The organisation is none of the provider's business.",
        place="header x-hf-bill-to",
        fits=_auth("key"),
    ),
    Difference(
        what="a chat on hf-inference without a model",
        python="an error",
        javascript="an error",
        ours="asks hfi's default model",
        why="`Client().chat(...)` works.",
        place="requests|error|follow-ups",
        task=_CHAT,
        fits=lambda delta: (
            delta.record["call"]["model"] is None and bool(delta.theirs or delta.ours)
        ),
    ),
    Difference(
        what="text generation on hf-inference and on a server of one's own",
        python="TGI's own route and body",
        javascript="`/v1/completions`",
        ours="TGI's on hf-inference; a server is asked first what it is, and gets its own",
        why="Only TGI's route tells tokens and takes all options; llama.cpp and others have routes"
        " of their own.",
        place="url|body .*|questions|follow-ups",
        task=_TEXT,
        provider="hf-inference|endpoint",
        fits=lambda delta: delta.client == JS or delta.place in ("questions", "url"),
    ),
    Difference(
        what="`details` and `return_full_text` of text generation",
        python="are sent if given",
        javascript="are sent if given",
        ours="`details: true`, `return_full_text: false` are sent",
        why="Without details nobody tells why the text ended; servers differ in what they return.",
        place=r"body parameters\.(details|return_full_text)",
        task=_TEXT,
        fits=_only_ours,
    ),
    Difference(
        what="a temperature of 0 for TGI",
        python="is sent",
        javascript="is sent",
        ours="`do_sample: false`",
        why="TGI refuses 0, which means the same.",
        place=r"body parameters\.(do_sample|temperature)",
        task=_TEXT,
    ),
    Difference(
        what="options of text generation on OpenAI's routes",
        python="`max_new_tokens` as it is at together and novita; `max_tokens: null` at deepinfra"
        " and featherless-ai; `details` as it is",
        javascript="below `parameters`, with `inputs` besides, at together; `details` as it is",
        ours="`max_tokens`, flat, if given; `details` becomes `logprobs`",
        why="These are the names on that route.",
        place="body (max_new_tokens|max_tokens|parameters|inputs|details|logprobs|seed|stop"
        "|temperature)",
        task=_TEXT,
    ),
    Difference(
        what="options of text generation below `parameters`, on OpenAI's routes",
        python="no provider",
        javascript="together, novita, scaleway",
        ours="flat",
        why="These are the names on that route.",
        place="body (frequency_penalty|repetition_penalty|top_k|top_p)",
        client=JS,
        task=_TEXT,
        fits=_only_ours,
        recorded=False,
    ),
    Difference(
        what="options of text generation that TGI alone has, on OpenAI's routes",
        python="are sent",
        javascript="are sent",
        ours="are left out, with a warning; a `grammar` is an error",
        why="The route has no such fields. A text that no longer obeys its grammar would be wrong.",
        place="requests|error|follow-ups|body (adapter_id|best_of|decoder_input_details|do_sample"
        "|return_full_text|top_n_tokens|truncate|typical_p|watermark)",
        task=_TEXT,
        fits=lambda delta: (
            delta.place.startswith("body") or "grammar" in delta.record["call"]["parameters"]
        ),
        provider="(?!hf-inference|endpoint).*",
    ),
    Difference(
        what="`best_of` and `seed` of text generation together",
        python="are sent",
        javascript="are sent",
        ours="an error, for TGI",
        why="TGI refuses the two together.",
        place="requests|error|follow-ups",
        task=_TEXT,
        provider="hf-inference|endpoint",
        fits=lambda delta: "best_of" in delta.record["call"]["parameters"],
    ),
    Difference(
        what="streams of text generation on OpenAI's routes",
        python="raise `AttributeError`",
        javascript="work",
        ours="work",
        why="They are read as that route writes them.",
        place="error",
        client=PY,
        task=_TEXT,
        fits=_only_theirs,
    ),
    Difference(
        what="text generation at groq",
        python="has no such task",
        javascript="posts `inputs` to the route for chats, and cannot read the reply",
        ours="an error that names who generates text",
        why="groq has chats alone.",
        place="requests|error|follow-ups",
        client=JS,
        provider="groq",
        task=_TEXT,
    ),
    Difference(
        what="`accept`",
        python="`image/png` for images, from providers that answer in JSON too, and in polls",
        javascript="nothing",
        ours="JSON, or what the task gives where the reply is the file",
        why="It is what is read.",
        place="header accept",
    ),
    Difference(
        what="empty parameters",
        python='sends `"parameters": {}`',
        javascript="leaves them out",
        ours="leaves them out",
        why="An option that is not given is not sent.",
        place="body parameters",
        client=PY,
        fits=lambda delta: delta.ours is None and delta.theirs == {},
    ),
    Difference(
        what="`multi_label` of zero-shot classification",
        python="sends `false` where it is not given",
        javascript="leaves it out",
        ours="leaves it out",
        why="An option that is not given is not sent.",
        place=r"body parameters\.multi_label",
        client=PY,
        fits=lambda delta: delta.ours is None and delta.theirs is False,
    ),
    Difference(
        what="the model where none is named",
        python="the first of the task's `widgetModels`",
        javascript="the first of its `models`",
        ours="the first of `widgetModels`, else of `models`",
        why="Those of the widget are kept running; the others are a choice to read about.",
        place="url|error",
        client=JS,
        fits=lambda delta: delta.record["call"]["model"] is None,
    ),
    Difference(
        what="a file as the body",
        python="has no `content-type` where bytes were given; of a path, what its end suggests",
        javascript="has the type that the browser knows",
        ours="has the type found from the bytes",
        why="The server need not guess.",
        place="header content-type",
        client=PY,
        task=_RAW,
        fits=lambda delta: delta.ours is not None,
    ),
    Difference(
        what="options beside a file",
        python="base64 in JSON",
        javascript="are lost: the file alone is sent",
        ours="base64 in JSON",
        why="An option that is given is sent.",
        place="body kind|header content-type",
        client=JS,
        provider="hf-inference",
        task=_RAW,
        fits=lambda delta: bool(
            delta.record["call"]["parameters"] or delta.record["call"]["extra_body"]
        ),
    ),
    Difference(
        what="types in data URLs",
        python="one label for all bytes: PNG is called JPEG, WAV is called MPEG",
        javascript="the type that the browser knows",
        ours="the type found from the bytes; `audio/x-wav` for fal, which takes no `audio/wav`",
        why="Some servers believe the label.",
        place=r"body .*",
        client=PY,
        fits=_same_file,
    ),
    Difference(
        what="images for wavespeed",
        python="`image`, as a data URL",
        javascript="`image` and `images`, as bare base64",
        ours="`image` and `images`, as data URLs",
        why="Its models read the one or the other; a data URL tells its type, and a URL can stand"
        " in its place.",
        place=r"body images?(\[0\])?",
        provider="wavespeed",
        fits=lambda delta: _same_file(delta) or _only_ours(delta),
    ),
    Difference(
        what="adapters (LoRA) at wavespeed, and for images of images at replicate",
        python="are left out",
        javascript="are named",
        ours="are named",
        why="Without its name the base model answers alone.",
        place=r"body (input\.)?(loras|lora_weights)",
        client=PY,
        provider="wavespeed|replicate",
        fits=_only_ours,
    ),
    Difference(
        what="the size of fal's results from images",
        python="`target_size` becomes `image_size`",
        javascript="`target_size` as it is",
        ours="`image_size`",
        why="fal documents that name.",
        place="body (image_size|target_size)",
        client=JS,
        provider="fal-ai",
        task=_FROM_IMAGES,
    ),
    Difference(
        what="width and height at deepinfra, nscale and zai-org",
        python='`size: "WxH"`; zai-org gets no lone side',
        javascript="`width` and `height`",
        ours='`size: "WxH"`; a lone side as it is',
        why="OpenAI's API, which they follow, has `size`; what is given is sent.",
        place="body (size|width|height)",
        provider="deepinfra|nscale|zai-org",
    ),
    Difference(
        what="`num_inference_steps` and `cfg_scale` at nscale",
        python="are left out, in `extra_body` too",
        javascript="are sent",
        ours="steps are left out with a warning; `extra_body` is sent",
        why="nscale takes no steps; what `extra_body` holds is the user's word.",
        place="body (num_inference_steps|cfg_scale)",
        provider="nscale",
    ),
    Difference(
        what="nulls in `extra_body`",
        python="are left out",
        javascript="are sent",
        ours="are sent",
        why="A null can mean something, and is the user's own.",
        place=r"body .*",
        client=PY,
        fits=lambda delta: delta.ours == "null" and _of_extra_body(delta),
    ),
    Difference(
        what="options of speech recognition at fal",
        python="beside the sound",
        javascript="below `parameters`",
        ours="beside the sound",
        why="fal reads its options there.",
        place="body .*",
        client=JS,
        provider="fal-ai",
        task="automatic-speech-recognition",
    ),
    Difference(
        what="videos from novita",
        python="`/v3/hf/{id}`, which holds the line until the video is there",
        javascript="`/v3/async/{id}`, a job",
        ours="the job",
        why="A video takes longer than gateways wait, and a lost line loses no job.",
        place="url|body (steps|num_inference_steps)|follow-ups|error|token",
        client=PY,
        provider="novita",
        task="text-to-video",
    ),
    Difference(
        what="the voice of Kokoro at together",
        python="none",
        javascript="`af_alloy`",
        ours="`af_alloy`, if none is given",
        why="together refuses the request without a voice.",
        place="body voice",
        client=PY,
        provider="together",
        task="text-to-speech",
        fits=_only_ours,
    ),
    Difference(
        what="options of embeddings at scaleway",
        python="are sent",
        javascript="are lost",
        ours="are sent",
        why="An option that is given is sent.",
        place="body .*",
        client=JS,
        provider="scaleway",
        task="feature-extraction",
        fits=_only_ours,
    ),
    Difference(
        what="the question about a table",
        python="`query`",
        javascript="`question`",
        ours="both",
        why="transformers, which answers, calls it `query`, the schema of the task `question`.",
        place=r"body inputs\.(query|question)",
        task="table-question-answering",
        fits=_only_ours,
    ),
    Difference(
        what="parameters of a call about a table",
        python="puts the call's `model` among them",
        javascript="does not",
        ours="does not",
        why="It is no parameter.",
        place=r"body parameters",
        client=PY,
        task="table-question-answering",
        fits=_only_theirs,
    ),
    Difference(
        what="questions about an image",
        python="`inputs` is the image, which stands beside the question once more; a URL is fetched"
        " twice",
        javascript="`inputs` is `{image, question}`",
        ours="`inputs` is `{image, question}`",
        why="So says the schema of the task.",
        place="body (inputs|image|question)|follow-ups",
        client=PY,
        task="visual-question-answering",
    ),
    Difference(
        what="the image of zero-shot classification",
        python="`inputs` is the image",
        javascript="`inputs` is `{image}`",
        ours="`inputs` is the image",
        why="So says the schema of the task.",
        place="body inputs",
        client=JS,
        task="zero-shot-image-classification",
    ),
    Difference(
        what="no token",
        python="an error",
        javascript="sends an empty one",
        ours="an error that says where to get one; hf-inference is asked without",
        why="Nobody else answers without.",
        place=_NO_TOKEN,
        client=JS,
        fits=lambda delta: delta.record["call"]["auth"] == "none",
    ),
    Difference(
        what="a provider's own key without a provider",
        python="goes to whichever provider comes first",
        javascript="likewise",
        ours="an error",
        why="The key is of one provider, and none of the others' business.",
        place=_NO_TOKEN,
        provider="auto",
        fits=lambda delta: delta.record["call"]["auth"] == "key",
    ),
    Difference(
        what="the forms in which media are given",
        python="some tasks take no `Path`, open file or Pillow image",
        javascript="`Blob`; some tasks take no URL",
        ours="all forms everywhere",
        why="What was read can be sent in any form.",
        place="requests|follow-ups|error",
        fits=lambda delta: (
            bool(delta.record.get("error")) and _given_as(*FORMS[delta.client])(delta)
        ),
    ),
    Difference(
        what="a prediction of replicate that is not finished in a minute",
        python="`TimeoutError`",
        javascript="an error",
        ours="is asked after until `timeout.total`",
        why="It goes on, and is paid for.",
        place="follow-ups",
        provider="replicate",
        fits=lambda delta: delta.record["id"] == "not-finished",
    ),
    Difference(
        what="`outputType`",
        python="there is none",
        javascript="`url`, `dataUrl`, `json`",
        ours="one value with `.url`, `.data_url()` and `.bytes`; `extra_body` asks together for a"
        " URL",
        why="One type is easier to hold.",
        place="body response_format|follow-ups|requests|result|error",
        client=JS,
        fits=lambda delta: _output(delta) or _gave_url(delta),
    ),
    Difference(
        what="the type of a result in base64",
        python="Pillow finds it",
        javascript="`image/jpeg`, whatever it is",
        ours="found from the bytes",
        why="Providers send PNG and WebP too.",
        place="result",
        client=JS,
        task="text-to-image|image-to-image",
        fits=lambda delta: "image/jpeg" in str(delta.ours),
    ),
    Difference(
        what="several answers",
        python="a list",
        javascript="the first alone",
        ours="a list; one answer where the task asks for one",
        why="The others were asked for.",
        place="result",
        client=JS,
        task="(document-|visual-)?question-answering",
    ),
    Difference(
        what="the score of fal's mask",
        python="none",
        javascript="1",
        ours="none",
        why="fal gives none.",
        place="result",
        client=JS,
        provider="fal-ai",
        task="image-segmentation",
        fits=lambda delta: delta.ours == "not 1: None",
    ),
    Difference(
        what="replies in other shapes: a lone object for a list, entities that are not grouped, the"
        " older form of zero-shot classification, a URL for base64, a list for a lone URL",
        python="some raise",
        javascript="others raise",
        ours="are read",
        why="Backends differ.",
        place="error|follow-ups",
        fits=_not_understood,
    ),
    Difference(
        what="the shape of one text's embedding",
        python="(1, dimensions)",
        javascript="one row in a list",
        ours="(dimensions,); a list of texts gives (texts, dimensions)",
        why="One text gives one vector.",
        place="result",
        task="feature-extraction",
        fits=lambda delta: isinstance(delta.record["call"]["inputs"].get("text"), str),
    ),
    Difference(
        what="embeddings from a server of one's own",
        python="posts to its root",
        javascript="posts to its root",
        ours="asks first what server it is, once, and posts where that one has embeddings",
        why="TEI, vLLM, llama.cpp and Ollama have them in different places.",
        place="questions",
        provider="endpoint",
        task="feature-extraction|sentence-similarity",
    ),
    Difference(
        what="images of fal",
        python="`fal.run`, which holds the line; `image_size`",
        javascript="the queue; `width` and `height`",
        ours="the queue; `image_size`",
        why="A slow model outlives the patience of gateways; fal documents `image_size`.",
        place="url|body .*|follow-ups|error",
        provider="fal-ai",
        task="text-to-image",
        recorded=False,
    ),
    Difference(
        what="segmentation at hf-inference",
        python="the file as the body, if there are no options",
        javascript="base64 in JSON",
        ours="the file as the body, if there are no options",
        why="As for all tasks about one file.",
        place="body kind|header content-type",
        client=JS,
        provider="hf-inference|endpoint",
        task="image-segmentation",
        recorded=False,
    ),
    Difference(
        what="tables for classification and regression",
        python="`table` beside no inputs; no regression at all",
        javascript="`inputs` is `{data}`",
        ours="`inputs` is `{data}`",
        why="So says the schema of the task.",
        place="body .*",
        client=PY,
        task="tabular-.*",
        recorded=False,
    ),
    Difference(
        what="the file's type in deepinfra's form",
        python="`application/octet-stream` for bytes",
        javascript="the type that the browser knows",
        ours="the type found from the bytes",
        why="The server need not guess.",
        place="body file.*",
        client=PY,
        provider="deepinfra",
        task="automatic-speech-recognition",
        recorded=False,
    ),
    Difference(
        what="`target_size` for images of images at together",
        python="as it is",
        javascript="as it is",
        ours="`width` and `height`",
        why="Its API has no `target_size`.",
        place="body (target_size|width|height)",
        provider="together",
        task="image-to-image",
        recorded=False,
    ),
    Difference(
        what="`target_size` in `extra_body` at together",
        python="becomes `width` and `height`",
        javascript="becomes `width` and `height`, as the option does",
        ours="is sent as it is",
        why="What `extra_body` holds is the user's word, for what hfi does not know.",
        place="body (target_size|width|height)",
        provider="together",
        task=".*-to-video",
        fits=lambda delta: "target_size" in delta.record["call"]["extra_body"],
        recorded=False,
    ),
    Difference(
        what="text generation at novita",
        python="`/v3/openai/completions`",
        javascript="posts `inputs` to the route for chats, and cannot read the reply",
        ours="`/v3/openai/completions`",
        why="It is the route for text.",
        place="url|body .*|error|result",
        client=JS,
        provider="novita|auto",
        task=_TEXT,
        recorded=False,
    ),
    Difference(
        what="a model that the Hub does not map to the provider, with the provider's own key",
        python="an error",
        javascript="an error",
        ours="chats and text generation name it as it was given; other tasks where the Hub does not"
        " know it",
        why="It may be the provider's own name.",
        place="requests|error",
        provider="(?!endpoint).*",
        task=f"{_CHAT}|{_TEXT}",
        fits=lambda delta: _auth("key")(delta) and _unmapped(delta),
        recorded=False,
    ),
    Difference(
        what="OpenAI's models, with its own key",
        python="are named as they are given",
        javascript="must begin with `openai/`, which is cut off",
        ours="are named as they are given",
        why="A key of OpenAI's goes with its names.",
        place="body model|requests|error",
        client=JS,
        provider="openai",
        recorded=False,
    ),
    Difference(
        what="wavespeed without an image",
        python="has no such task",
        javascript="sends an invisible image of one pixel",
        ours="sends none",
        why="The model would take it for the image.",
        place="body images?.*",
        client=JS,
        provider="wavespeed",
        task="image-text-to-.*",
        recorded=False,
    ),
    Difference(
        what="a document at zai-org by its URL",
        python="has no such task",
        javascript="is fetched and sent inside",
        ours="is passed on",
        why="The API takes URLs.",
        place="body file|follow-ups",
        client=JS,
        provider="zai-org",
        task="image-to-text",
        recorded=False,
    ),
    Difference(
        what="fields that a provider refuses, or that a client has no place for",
        python="are sent",
        javascript="`store` is left out for cerebras, every parameter for documents at zai-org",
        ours="are sent",
        why="What `extra_body` holds is the user's word.",
        place="body .*",
        client=JS,
        fits=lambda delta: _only_ours(delta) and _of_extra_body(delta),
        recorded=False,
    ),
    Difference(
        what="`auto`, where the provider that the Hub names first is new, out of order, or does"
        " another task",
        python="asks it, or is an error",
        javascript="asks it, or is an error",
        ours="passes it over for the next one",
        why="Others serve the model; the call says who was passed over.",
        place="requests|error|url|body .*|follow-ups",
        provider="auto",
        fits=_first_cannot,
        recorded=False,
    ),
    Difference(
        what="the order of embeddings",
        python="as they come",
        javascript="as they come",
        ours="that of the texts, by the `index` of each",
        why="OpenAI's API has `index` for that.",
        place="result",
        task="feature-extraction",
        fits=_unsorted,
        recorded=False,
    ),
    Difference(
        what="classes of a text in a flat list",
        python="the first alone",
        javascript="an error",
        ours="all",
        why="Backends differ.",
        place="result",
        client=PY,
        task="text-classification",
        fits=lambda delta: isinstance(delta.record["result"]["value"], Mapping),
        recorded=False,
    ),
    Difference(
        what="a sound inside JSON",
        python="the JSON's bytes",
        javascript="the JSON",
        ours="the sound",
        why="`.save()` would write no sound.",
        place="result",
        task="text-to-(audio|speech)",
        fits=lambda delta: delta.client == PY or "audio" in delta.record["result"]["value"],
        recorded=False,
    ),
)
