"""The small tokenizer of omniedit-mini: the world's own words, everything else spelled letter by letter."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

__all__ = ["train_tokenizer"]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
LETTERS = string.ascii_lowercase + string.digits + string.punctuation
RARE = 3  # a word said fewer times is a typo or an accident


def train_tokenizer(sentences: Iterable[str], vocabulary: int, length: int) -> PreTrainedTokenizerFast:
    """At most `vocabulary` lower-cased pieces; texts are read as [CLS] ... [SEP], at most `length` tokens.

    Common words are pieces of their own, in order of frequency and then of the alphabet: the same sentences give
    the same tokenizer (the trainers of `tokenizers` do not promise that). Other words are spelled.
    """
    normalise = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    split = pre_tokenizers.BertPreTokenizer()
    counts = Counter(word for text in sentences for word, _ in split.pre_tokenize_str(normalise.normalize_str(text)))
    pieces = [*SPECIAL, *LETTERS, *(f"##{c}" for c in LETTERS)]
    common = sorted((w for w, n in counts.items() if n >= RARE and len(w) > 1), key=lambda w: (-counts[w], w))
    pieces += common[: max(0, vocabulary - len(pieces))]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalise, split
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(s, pieces.index(s)) for s in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=length,
        model_input_names=["input_ids", "attention_mask"],
    )
