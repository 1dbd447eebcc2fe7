"""What values show in a notebook."""

from __future__ import annotations

import pickle
import traceback
from datetime import datetime, timezone

import pytest

import hfi
from hfi.types.chat import AssistantMessage, ChatCompletion, Choice, FunctionCall, ToolCall
from hfi.types.media import Image, Images
from hfi.types.meta import CallMeta
from hfi.types.models import ModelInfo, ModelList, ProviderMapping
from hfi.types.rendering import completion_html, text_html
from hfi.types.text import TextGeneration
from hfi.types.usage import Usage
from markup import Page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
RED = "\x1b[31;1m"


def completion(message: AssistantMessage, **facts: object) -> ChatCompletion:
    choice = Choice(message=message, finish_reason="stop")
    return ChatCompletion(choices=(choice,), **facts)  # type: ignore[arg-type]  # of any kind


def page(value: object) -> Page:
    return Page(value._repr_html_())  # type: ignore[attr-defined]  # what notebooks call


def last_line(shown: Page) -> str:
    return shown.text.rpartition("\n")[2]


# -- answers ---------------------------------------------------------------------------------------


def test_an_answer_is_rendered_with_a_quiet_line_of_facts() -> None:
    shown = page(
        completion(
            AssistantMessage(content="**Yes.**"),
            model="org/model",
            provider="groq",
            usage=Usage(prompt_tokens=20, completion_tokens=31),
            meta=CallMeta(first_token=0.5, total=2.0),
        )
    )
    assert "strong" in shown.tags
    # Thirty tokens came after the first one, in a second and a half.
    assert last_line(shown) == "org/model · groq · 20 + 31 tokens · 2 s · 20 tokens/s · stop"


def test_a_whole_reply_is_measured_over_all_its_time() -> None:
    usage = Usage(completion_tokens=30)
    shown = page(
        completion(AssistantMessage(content="Yes."), usage=usage, meta=CallMeta(total=2.0))
    )
    assert last_line(shown) == "30 tokens · 2 s · 15 tokens/s · stop"


def test_facts_that_are_not_known_are_left_out() -> None:
    assert last_line(page(completion(AssistantMessage(content="Yes.")))) == "stop"
    assert page(ChatCompletion()).text == ""


def test_what_is_out_of_the_ordinary_is_told() -> None:
    meta = CallMeta(attempts=2, resumes=1, trimmed=({}, {}))
    shown = last_line(page(completion(AssistantMessage(content="Yes."), meta=meta)))
    assert shown == "2 attempts · taken up again 1x · 2 messages left out · stop"


def test_an_answer_that_was_cut_at_its_limit_says_so() -> None:
    choice = Choice(message=AssistantMessage(content="Yes"), finish_reason="length")
    assert "cut off at the limit" in page(ChatCompletion(choices=(choice,))).text


def test_reasoning_is_folded_away() -> None:
    message = AssistantMessage(content="Yes.", reasoning="*Hm*")
    (fold,) = page(completion(message)).all("details")
    assert "open" not in fold
    thinking = completion(AssistantMessage(reasoning="*Hm*"))
    assert "open" in Page(completion_html(thinking, is_open=True)).all("details")[0]
    assert "open" not in Page(completion_html(thinking)).all("details")[0]


def test_tool_calls_and_refusals_are_shown() -> None:
    call = ToolCall(function=FunctionCall(name="weather", arguments='{"city": "<b>"}'))
    shown = page(completion(AssistantMessage(tool_calls=(call,), refusal="I <i>will</i> not.")))
    assert 'weather({"city": "<b>"})' in shown.text
    assert "I <i>will</i> not." in shown.text
    assert not {"b", "i"} & set(shown.tags)


def test_each_of_several_choices_is_shown() -> None:
    choices = tuple(
        Choice(index=index, message=AssistantMessage(content=text), finish_reason=reason)
        for index, text, reason in ((0, "One.", "stop"), (1, "Two.", "length"))
    )
    text = page(ChatCompletion(choices=choices)).text
    assert "Choice 0 · stop" in text
    assert "Choice 1 · length" in text
    assert text.index("One.") < text.index("Two.")


def test_a_generated_text_is_no_markdown() -> None:
    shown = page(TextGeneration(text="**a**\n  b", finish_reason="stop", model="m"))
    assert shown.text == "**a**\n  bm · stop"
    assert Page(text_html(TextGeneration(text="a"), note="interrupted")).text == "ainterrupted"


# -- images ----------------------------------------------------------------------------------------


def test_an_image_has_its_prompt_and_seed_below() -> None:
    image = Image(bytes=b"\x89PNG", content_type="image/png", prompt="A cat.", seed=7)
    shown = page(image)
    assert shown.text == "A cat. · seed 7"
    (picture,) = shown.all("img")
    assert str(picture["src"]).startswith("data:image/png;base64,")
    assert picture["alt"] == "A cat."


def test_images_are_a_list_and_a_grid() -> None:
    image = Image(bytes=b"\x89PNG", content_type="image/png", prompt="A cat.")
    images = Images([image, image])
    assert images == [image, image]
    assert len(page(images).all("img")) == 2
    assert type(pickle.loads(pickle.dumps(images))) is Images


# -- models ----------------------------------------------------------------------------------------

MODEL = ModelInfo(
    id="org/model",
    pipeline_tag="text-generation",
    downloads=1_234_567,
    likes=7,
    parameters=7_240_000_000,
    context_length=8192,
    gated="manual",
    license="mit",
    providers=(
        ProviderMapping(provider="groq", provider_id="a", status="live"),
        ProviderMapping(provider="nebius", provider_id="b", status="error"),
    ),
    last_modified=datetime(2026, 1, 2, tzinfo=timezone.utc),
)


def test_a_model_is_a_card() -> None:
    shown = page(MODEL)
    for fact in (
        *("org/model", "text-generation", "groq, nebius (not live)", "8,192 tokens", "7.24 B"),
        *("1,234,567 in 30 days", "mit", "gated, granted by hand", "2026-01-02"),
    ):
        assert fact in shown.text
    assert shown.all("a")[0]["href"] == "https://huggingface.co/org/model"
    assert page(ModelInfo(id="org/bare")).text == "org/barePage on the Hub"


def test_models_are_a_table_that_sorts() -> None:
    shown = page(ModelList(items=(MODEL, ModelInfo(id="org/bare"))))
    keys = [cell["data-key"] for cell in shown.all("td")]
    assert keys[:5] == ["org/model", "text-generation", "1234567", "7", "7240000000"]
    assert keys[8:13] == ["org/bare", "", "", "", ""]
    assert all("onclick" in button for button in shown.all("button"))
    assert last_line(shown).endswith("2 models")


def test_a_list_that_stands_in_says_so() -> None:
    models = ModelList(items=(MODEL,), source="built-in", reason="The Hub is out of reach.")
    assert page(models).text.endswith("1 model · hfi's own short list · The Hub is out of reach.")
    assert page(ModelList(reason="Nothing fits.")).text == "No models.Nothing fits."


# -- calls and errors ------------------------------------------------------------------------------


def test_an_explanation_is_a_card() -> None:
    client = hfi.Client("org/model", provider="groq", token="hf_secret_of_the_test")
    shown = page(client.explain("chat", "Hello <b>", max_tokens=5))
    assert "POST https://router.huggingface.co" in shown.text
    assert len(shown.all("details")) == 3
    assert '"content": "Hello <b>"' in shown.text
    assert "hf_secret_of_the_test" not in shown.text


def error() -> hfi.HFIError:
    return hfi.RateLimitError(
        f"Too many requests {HOSTILE}.", hint="Wait.", status_code=429, request_id="r-1"
    )


def test_an_error_as_a_value_is_a_message_and_the_next_step() -> None:
    shown = page(error())
    assert shown.text.startswith("RateLimitErrorToo many requests <script>")
    assert shown.text.endswith("Wait.HTTP status 429 · request r-1")
    assert set(shown.tags) == {"div"}


def test_an_error_that_is_raised_shows_no_frames_but_the_users_own() -> None:
    def inner() -> None:
        hfi.Client(base_url="not a url").chat("Hi")

    with pytest.raises(hfi.ConfigurationError) as caught:
        inner()
    lines = caught.value._render_traceback_()
    assert lines[0].startswith(f"{RED}ConfigurationError")
    assert len(traceback.extract_tb(caught.value.__traceback__)) > 2
    assert "in inner: hfi.Client(" in lines[-1]
    assert not any("src/hfi" in line for line in lines)


def test_a_token_in_the_line_that_called_is_not_told() -> None:
    with pytest.raises(hfi.ConfigurationError) as caught:
        hfi.Client("m", token="hf_abcdefghijk", base_url="not a url", headers={"x": "hf_12345678"})
    lines = caught.value._render_traceback_()
    assert 'hfi.Client("m", token=***, base_url="not a url", headers={"x": "***"})' in lines[-1]


def test_notes_and_attempts_are_told() -> None:
    failure = error()
    failure.earlier = (error(),)
    failure.__notes__ = ["Said by somebody."]  # type: ignore[attr-defined]  # from 3.11 on
    lines = failure._render_traceback_()
    assert "Said by somebody." in lines
    assert "earlier attempts 1" in lines[-1]


@pytest.mark.parametrize(
    "value",
    [
        completion(AssistantMessage(content=HOSTILE, reasoning=HOSTILE), model=HOSTILE),
        TextGeneration(text=HOSTILE, model=HOSTILE, finish_reason=HOSTILE),
        Images([Image(bytes=b"GIF", content_type=HOSTILE, prompt=HOSTILE, provider=HOSTILE)]),
        ModelInfo(id=HOSTILE, pipeline_tag=HOSTILE, license=HOSTILE, base_models=(HOSTILE,)),
        ModelList(items=(ModelInfo(id=HOSTILE, pipeline_tag=HOSTILE),), reason=HOSTILE),
        error(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_nothing_that_others_wrote_is_markup(value: object) -> None:
    shown = page(value)
    assert "script" not in shown.tags
    assert all(name != "onerror" for _, attributes in shown.elements for name in attributes)
    assert all(attributes["src"] != "x" for attributes in shown.all("img"))
