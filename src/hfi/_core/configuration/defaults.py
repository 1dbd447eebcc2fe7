"""The model a call uses when nobody names one: one constant per task."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHAT", "DEFAULT_MODELS", "TEXT"]

CHAT = "conversational"
"""The Hub's name for the task of chat."""

TEXT = "text-generation"
"""The Hub's name for the task of going on from a prompt."""

DEFAULT_MODELS: Mapping[str, str] = {
    CHAT: "openai/gpt-oss-120b",
    "audio-classification": "superb/hubert-large-superb-er",
    "automatic-speech-recognition": "openai/whisper-large-v3",
    "document-question-answering": "impira/layoutlm-document-qa",
    "feature-extraction": "intfloat/multilingual-e5-large",
    "fill-mask": "google-bert/bert-base-uncased",
    "image-classification": "google/vit-base-patch16-224",
    "image-segmentation": "facebook/mask2former-swin-large-coco-panoptic",
    "image-to-image": "black-forest-labs/FLUX.1-Kontext-dev",
    "image-to-text": "Salesforce/blip-image-captioning-large",
    "object-detection": "facebook/detr-resnet-50",
    "question-answering": "deepset/roberta-base-squad2",
    "sentence-similarity": "sentence-transformers/all-MiniLM-L6-v2",
    "summarization": "facebook/bart-large-cnn",
    "table-question-answering": "google/tapas-base-finetuned-wtq",
    "text-classification": "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
    "text-generation": "HuggingFaceTB/SmolLM3-3B",
    "text-to-image": "black-forest-labs/FLUX.1-dev",
    "text-to-speech": "hexgrad/Kokoro-82M",
    "text-to-video": "Wan-AI/Wan2.1-T2V-14B",
    "token-classification": "dslim/bert-base-NER",
    "translation": "google-t5/t5-base",
    "visual-question-answering": "dandelin/vilt-b32-finetuned-vqa",
    "zero-shot-classification": "facebook/bart-large-mnli",
    "zero-shot-image-classification": "openai/clip-vit-large-patch14",
}
