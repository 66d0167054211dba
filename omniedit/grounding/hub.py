"""Finds things by their name with models from the hub: OWLv2 or Grounding DINO give boxes, SAM gives masks.

Minderer et al., "Scaling Open-Vocabulary Object Detection", NeurIPS 2023; Liu et al., "Grounding DINO", ECCV 2024;
Kirillov et al., "Segment Anything", ICCV 2023. Weights are read as safetensors from this machine; nothing is fetched.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from omniedit.errors import EngineUnavailable
from omniedit.grounding.cut import in_full
from omniedit.grounding.found import SURE, Found
from omniedit.grounding.refine import Bools, Bytes
from omniedit.hub import MODELS, HubModel, Repo
from omniedit.sizes import shrink

__all__ = ["DETECTORS", "SEGMENTER", "Detector", "Forgiving", "HubFinder", "missing"]

log = logging.getLogger(__name__)

LONGEST = 1333  # of the picture that the models are given; none looks at a larger one
BOXES = 8  # candidates that are cut out
TOGETHER = 4  # boxes in one pass of SAM's decoder
SAME = 0.8  # joint share from which two masks are one thing
BELOW = 0.5  # of a detector's threshold: down to there a box is a candidate to ask about


@dataclass(frozen=True)
class Detector:
    """A model that gives boxes; from `threshold` on a box is usually right."""

    model: HubModel
    threshold: float


OWL = Repo(
    "google/owlv2-base-patch16-ensemble",
    (
        "config.json",
        "preprocessor_config.json",
        "tokenizer_config.json",
        "vocab.json",
        "merges.txt",
        "model.safetensors",
    ),
)
DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        "owlv2": Detector(HubModel((OWL,), "Apache-2.0", 0.6), 0.2),
        "grounding-dino": Detector(MODELS["grounding-dino"], 0.35),
    }
)
SEGMENTER = MODELS["sam"]


def missing(detector: str = "grounding-dino") -> list[str]:
    """A sentence for each model of a `HubFinder` that is not on this machine."""
    return [model.sentence() for model in (DETECTORS[detector].model, SEGMENTER) if not model.folders()]


class HubFinder:
    """A `Finder`: a detector ("owlv2" or "grounding-dino") and SAM, loaded at the first find.

    `device` is "auto" (a GPU where there is one) or torch's name of one. `weights` and `segmenter` name other weights
    of the same kinds. One find at a time.
    """

    def __init__(
        self,
        detector: str = "grounding-dino",
        device: str = "cpu",
        weights: Detector | None = None,
        segmenter: HubModel = SEGMENTER,
    ) -> None:
        if detector not in DETECTORS:
            raise ValueError(f"Unknown detector {detector!r}. Available: {', '.join(DETECTORS)}.")
        self.detector, self.device = detector, device
        self.weights, self.segmenter = weights or DETECTORS[detector], segmenter
        self._loaded: _Models | None = None
        self._turn = threading.Lock()

    def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
        """Regions of uint8 (H, W, 3) that `phrase` names, best first, masks (H, W); empty where there are none.

        Raises EngineUnavailable where weights or the device are not on this machine.
        """
        with self._turn:
            if self._loaded is None:
                self._loaded = _load(self.detector, self.weights.model, self.segmenter, self.device)
            small = shrink(rgb, LONGEST)
            boxes, scores = self._loaded.boxes(phrase, small, BELOW * self.weights.threshold)
            if not len(boxes):
                return ()
            masks = self._loaded.masks(small, boxes)
        found: list[tuple[Bools, float]] = []
        for mask, score in zip(masks, scores, strict=True):
            if mask.any() and all((mask & m).sum() < SAME * (mask | m).sum() for m, _ in found):
                found.append((mask, _calibrated(float(score), self.weights.threshold)))
        full = (Found(in_full(mask, rgb, sharp=True), score, self.detector) for mask, score in found)
        return tuple(one for one in full if one.mask.any())

    def free(self) -> None:
        """Give the models' memory back; the next find loads them again."""
        with self._turn:
            import torch

            self._loaded = None
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


class Forgiving:
    """A `Finder` that sees nothing where its model fails: what can be told without a model goes on."""

    def __init__(self, finder: HubFinder) -> None:
        self.finder = finder

    def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
        """As the finder, or empty."""
        try:
            return self.finder.find(phrase, rgb)
        except (EngineUnavailable, RuntimeError, OSError, ValueError) as error:  # no such device, no memory, a bad file
            log.warning("%s cannot be used: %s", self.finder.detector, error)
            self.finder.free()
            return ()


@dataclass(frozen=True)
class _Models:
    """What is in memory: a detector and SAM with their processors."""

    kind: str
    detector: Any
    processor: Any
    sam: Any
    sam_processor: Any
    device: str

    def boxes(self, phrase: str, rgb: Bytes, threshold: float) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) in pixels of `rgb` (left, top, right, bottom), inside it, and scores (n,), best first."""
        import torch

        query = _query(phrase)
        text: Any = [[f"a photo of {query}"]] if self.kind == "owlv2" else f"{query}."
        inputs = self.processor(text=text, images=rgb, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            outputs = self.detector(**inputs)
        size = [(rgb.shape[0], rgb.shape[1])]
        if self.kind == "owlv2":
            result = self.processor.post_process_grounded_object_detection(
                outputs, threshold=threshold, target_sizes=size
            )[0]
        else:
            result = self.processor.post_process_grounded_object_detection(
                outputs, inputs["input_ids"], threshold=threshold, text_threshold=threshold, target_sizes=size
            )[0]
        scores = result["scores"].float().cpu().numpy()
        boxes = result["boxes"].float().cpu().numpy().reshape(-1, 4)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, rgb.shape[1])
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, rgb.shape[0])
        real = (boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)
        order = np.flatnonzero(real)[np.argsort(-scores[real], kind="stable")][:BOXES]
        return boxes[order], scores[order]

    def masks(self, rgb: Bytes, boxes: np.ndarray) -> list[Bools]:
        """SAM's best mask for each box: bool, of the size of `rgb`."""
        import torch

        inputs = self.sam_processor(rgb, input_boxes=[boxes.tolist()], return_tensors="pt")
        boxed = inputs["input_boxes"].to(self.device, torch.float32)
        found = []
        with torch.inference_mode():
            seen = self.sam.get_image_embeddings(inputs["pixel_values"].to(self.device, self.sam.dtype))
            for start in range(0, boxed.shape[1], TOGETHER):
                part = boxed[:, start : start + TOGETHER]
                outputs = self.sam(image_embeddings=seen, input_boxes=part, multimask_output=True)
                masks = self.sam_processor.image_processor.post_process_masks(
                    outputs.pred_masks.float().cpu(), inputs["original_sizes"], inputs["reshaped_input_sizes"]
                )[0]  # (boxes, 3, h, w)
                best = outputs.iou_scores[0].argmax(dim=-1).cpu()
                found += [np.asarray(masks[k, int(b)], np.bool_) for k, b in enumerate(best)]
        return found


def _load(kind: str, weights: HubModel, segmenter: HubModel, device: str) -> _Models:
    import torch
    from transformers import AutoTokenizer, SamModel, SamProcessor
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    (source,), (sam_source,) = weights.loadable(), segmenter.loadable()
    local = {"local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(source, **local)
    # the *Pil processors need no torchvision
    if kind == "owlv2":
        from transformers import Owlv2ForObjectDetection, Owlv2Processor
        from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

        processor: Any = Owlv2Processor(Owlv2ImageProcessorPil.from_pretrained(source, **local), tokenizer)
        detector: Any = Owlv2ForObjectDetection.from_pretrained(source, use_safetensors=True, **local)
    else:
        from transformers import GroundingDinoForObjectDetection, GroundingDinoProcessor
        from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
            GroundingDinoImageProcessorPil,
        )

        processor = GroundingDinoProcessor(GroundingDinoImageProcessorPil.from_pretrained(source, **local), tokenizer)
        detector = GroundingDinoForObjectDetection.from_pretrained(source, use_safetensors=True, **local)
    sam = SamModel.from_pretrained(sam_source, use_safetensors=True, **local)
    sam_processor = SamProcessor(SamImageProcessorPil.from_pretrained(sam_source, **local))
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        detector, sam = detector.to(device).eval(), sam.to(device).eval()
    except (RuntimeError, AssertionError) as error:  # torch raises either where a device is missing
        reason = str(error).splitlines()[0].rstrip(".")
        raise EngineUnavailable(f"The device {device!r} cannot be used ({reason}); set OMNIEDIT_DEVICE=cpu.") from error
    return _Models(kind, detector, processor, sam, sam_processor, device)


def _query(phrase: str) -> str:
    """The phrase as detectors were trained on it: lower case, without article, possessive and full stop."""
    text = re.sub(r"\s+", " ", phrase.lower()).strip(" .!?")
    return re.sub(r"^(the|a|an|my|her|his|their|our|your|its|this|that|these|those) (?=\w)", "", text)


def _calibrated(score: float, threshold: float) -> float:
    """A detector's score on our scale: its usual threshold at SURE."""
    if score < threshold:
        return SURE * score / threshold * 0.99
    return SURE + (1 - SURE) * (score - threshold) / (1 - threshold)
