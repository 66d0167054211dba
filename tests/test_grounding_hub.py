"""Finders from the hub, with the real classes at tiny random sizes: boxes in pixels, masks of the picture's size."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from omniedit.errors import EngineUnavailable
from omniedit.grounding import SURE, Found, Hints, ground
from omniedit.grounding.hub import DETECTORS, Detector, HubFinder, missing
from omniedit.hub import HubModel, Repo

Bytes = NDArray[np.uint8]
WORDS = "a photo of the red car dog cup on left . [UNK] [PAD] [CLS] [SEP]".split()


def photo(width: int = 90, height: int = 60) -> Bytes:
    rng = np.random.default_rng(0)
    rgb = np.full((height, width, 3), 90, np.uint8)
    rgb[15:40, 30:60] = (200, 40, 40)
    return np.clip(rgb + rng.normal(0, 6, rgb.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import SamConfig, SamMaskDecoderConfig, SamModel, SamPromptEncoderConfig, SamVisionConfig
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("sam")
    vision = SamVisionConfig(
        hidden_size=16, output_channels=8, num_hidden_layers=1, num_attention_heads=2, image_size=64, patch_size=8,
        window_size=4, global_attn_indexes=[0], mlp_dim=16, num_pos_feats=4,
    )  # fmt: skip
    prompt = SamPromptEncoderConfig(hidden_size=8, image_size=64, patch_size=8, mask_input_channels=4)
    decoder = SamMaskDecoderConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=2, mlp_dim=16, iou_head_hidden_dim=8, iou_head_depth=2
    )
    SamModel(
        SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder)
    ).save_pretrained(folder)
    SamImageProcessorPil(
        size={"longest_edge": 64}, pad_size={"height": 64, "width": 64},
        mask_size={"longest_edge": 16}, mask_pad_size={"height": 16, "width": 16},
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def owl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import CLIPTokenizer, Owlv2Config, Owlv2ForObjectDetection
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("owl")
    letters = [chr(c) for c in range(97, 123)] + [chr(c) + "</w>" for c in range(97, 123)]
    vocabulary = {token: k for k, token in enumerate([*letters, "<|startoftext|>", "<|endoftext|>"])}
    CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=16).save_pretrained(folder)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**small, "vocab_size": len(vocabulary), "max_position_embeddings": 16}
    text |= {"bos_token_id": len(vocabulary) - 2, "eos_token_id": len(vocabulary) - 1, "pad_token_id": 0}
    vision = {**small, "image_size": 32, "patch_size": 8}
    config = Owlv2Config(text_config=text, vision_config=vision, projection_dim=16)
    model = Owlv2ForObjectDetection(config)
    for weight in model.box_head.parameters():
        weight.data *= 0.1  # at random its boxes are as wide as nothing or as the picture
    model.save_pretrained(folder)
    Owlv2ImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import BertTokenizerFast, GroundingDinoConfig, GroundingDinoForObjectDetection, SwinConfig
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import GroundingDinoImageProcessorPil

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("dino")
    BertTokenizerFast(vocab={word: k for k, word in enumerate(WORDS)}).save_pretrained(folder)
    swin = SwinConfig(image_size=32, embed_dim=8, depths=[1, 1, 1], num_heads=[1, 1, 1], window_size=2,
                      out_features=["stage2", "stage3"])  # fmt: skip
    bert = {"model_type": "bert", "vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32}  # fmt: skip
    config = GroundingDinoConfig(
        backbone_config=swin, text_config=bert, num_queries=12, encoder_layers=1, decoder_layers=2, d_model=32,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
        num_feature_levels=3, max_text_len=32, disable_custom_kernels=True,
    )  # fmt: skip
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    GroundingDinoImageProcessorPil(size={"shortest_edge": 32, "longest_edge": 48}).save_pretrained(folder)
    return folder


def local(folder: Path) -> HubModel:
    return HubModel((Repo(str(folder)),), "none", 0)


def finder(kind: str, folder: Path, sam: Path, threshold: float) -> HubFinder:
    return HubFinder(kind, "cpu", Detector(local(folder), threshold), local(sam))


@pytest.mark.parametrize("kind", list(DETECTORS))
def test_boxes_become_masks_of_the_pictures_size(
    kind: str, owl: Path, dino: Path, sam: Path, request: pytest.FixtureRequest
) -> None:
    folder = owl if kind == "owlv2" else dino
    one = finder(kind, folder, sam, 1e-4)
    rgb = photo()
    found = one.find("The red car.", rgb)
    assert found and all(f.mask.shape == (60, 90) and f.mask.dtype == np.bool_ and f.mask.any() for f in found)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    assert found[0].by == kind and SURE <= found[0].score <= 1
    assert one._loaded is not None
    boxes, scores = one._loaded.boxes("the red car", rgb, 0.0)
    assert len(boxes) == len(scores) > 1 and (np.diff(scores) <= 0).all()
    assert (boxes >= 0).all() and (boxes[:, 0::2] <= 90).all() and (boxes[:, 1::2] <= 60).all()
    assert (boxes[:, 2:] - boxes[:, :2] >= 1).all() and boxes.max() > 2  # pixels, not shares
    assert len(one._loaded.masks(rgb, boxes[:5])) == min(5, len(boxes))
    one.free()
    assert one._loaded is None
    again = one.find("The red car.", rgb)
    assert [f.score for f in again] == [f.score for f in found]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(again, found, strict=True))


def test_below_the_threshold_nothing_is_found(owl: Path, sam: Path) -> None:
    assert finder("owlv2", owl, sam, 2.1).find("the dog", photo()) == ()


def test_between_half_the_threshold_and_the_threshold_the_person_is_asked(owl: Path, sam: Path) -> None:
    one = finder("owlv2", owl, sam, 1e-4)
    one.find("the dog", photo())
    assert one._loaded is not None
    best = float(one._loaded.boxes("the dog", photo(), 0.0)[1][0])
    found = finder("owlv2", owl, sam, best * 1.5).find("the dog", photo())
    assert found and all(f.score < SURE for f in found)


def test_weights_that_are_not_here_are_named_with_their_size(
    sam: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    nowhere = Detector(HubModel((Repo("nobody/no-such-model"),), "Apache-2.0", 0.6), 0.2)
    with pytest.raises(EngineUnavailable, match=r"nobody/no-such-model \(0.6 GB, Apache-2.0\) is not on this machine"):
        HubFinder("owlv2", "cpu", nowhere, local(sam)).find("the dog", photo())
    with pytest.raises(ValueError, match="Unknown detector 'yolo'"):
        HubFinder("yolo")
    assert [sentence.rpartition(" ")[2] for sentence in missing()] == ["grounding-dino.", "sam."]


class Pointing:
    """A finder that sees what it is told."""

    def __init__(self, *found: Found) -> None:
        self.found, self.asked = found, [""]

    def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
        self.asked.append(phrase)
        return self.found


def box(left: int, top: int, right: int, bottom: int, score: float = 0.8) -> Found:
    mask = np.zeros((60, 90), np.bool_)
    mask[top:bottom, left:right] = True
    return Found(mask, score, "owlv2")


def test_a_finder_goes_before_what_is_told_without_a_model() -> None:
    rgb, car = photo(), box(30, 15, 60, 40)
    one = Pointing(car)
    found = ground("the dog", rgb, finder=one)
    assert one.asked[-1] == "the dog" and np.array_equal(found[0].mask, car.mask) and found[0].score == 0.8
    assert ground("the dog", rgb, finder=Pointing()) == ()  # a model that knows dogs sees none: no guess


def test_of_two_that_a_finder_sees_the_words_or_the_hint_choose() -> None:
    rgb, left, right = photo(), box(5, 5, 25, 30), box(60, 5, 85, 30, 0.75)
    both: Any = Pointing(left, right)
    asked = ground("the dog", rgb, finder=both)
    assert len(asked) == 2 and all(f.score < SURE for f in asked)
    for phrase, hints, one in (
        ("the dog on the right", Hints(), right),
        ("the left dog", Hints(), left),
        ("the dog", Hints(click=(70, 10)), right),
        ("the dog", Hints(box=(0, 0, 30, 40)), left),
    ):
        found = ground(phrase, rgb, hints, both)
        assert found[0].score >= SURE and np.array_equal(found[0].mask, one.mask), phrase
    union = ground("both dogs", rgb, finder=both)
    assert union[0].score >= SURE and np.array_equal(union[0].mask, left.mask | right.mask)
