"""The columns of a pair in a parquet file: those of the published OmniEdit data, and lambda, mask and origin besides.

A file is read by name; what a writer adds of its own comes behind. Pictures are {"bytes", "path"}, as `datasets` has
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from omniedit.errors import BadInput
from omniedit.types import Score

__all__ = ["COLUMNS", "arrow", "cell", "schema", "score_columns"]

COLUMNS = {
    "omni_edit_id": "text",
    "task": "text",
    "src_img": "picture",
    "edited_img": "picture",
    "edited_prompt_list": "texts",
    "width": "whole",
    "height": "whole",
    "sc_score_1": "whole",  # success
    "sc_score_2": "whole",  # restraint
    "sc_reasoning": "text",
    "pq_score": "whole",
    "pq_reasoning": "text",
    "o_score": "real",
    "mask_img": "picture",  # from here on ours: white where the specialist worked
    "seed": "whole",
    "specialist": "text",
    "judge": "text",
    "weight": "real",  # lambda of equation 6
}


def arrow() -> tuple[Any, Any]:
    """pyarrow and pyarrow.parquet; BadInput where they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise BadInput("Parquet files need pyarrow, which is not installed; pip install 'omniedit[data]'.") from None
    return pyarrow, pyarrow.parquet


def schema(more: Mapping[str, str], facts: Mapping[bytes, bytes] | None = None) -> Any:
    """The arrow schema of COLUMNS and a writer's own (name: text, picture, texts, pictures, whole or real)."""
    pa, _ = arrow()
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    kinds = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "picture": picture,
        "pictures": pa.list_(picture),
        "whole": pa.int64(),
        "real": pa.float64(),
    }
    columns = {**COLUMNS, **more}
    shown = {name: {"_type": "Image"} for name, kind in columns.items() if kind == "picture"}
    metadata = {b"huggingface": json.dumps({"info": {"features": shown}}).encode(), **(facts or {})}
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()], metadata=metadata)


def cell(data: bytes, name: str | None = None) -> dict[str, Any]:
    """A picture's cell."""
    return {"bytes": data, "path": name}


def score_columns(score: Score | None, weight: float | None) -> dict[str, Any]:
    """What a judge gave, if any did, and the weight that follows."""
    if score is None:
        judged = dict.fromkeys(
            ("sc_score_1", "sc_score_2", "sc_reasoning", "pq_score", "pq_reasoning", "o_score", "judge")
        )
        return {**judged, "weight": weight}
    return {
        "sc_score_1": round(score.success),
        "sc_score_2": round(score.restraint),
        "sc_reasoning": score.sc_reasoning,
        "pq_score": round(score.quality),
        "pq_reasoning": score.pq_reasoning,
        "o_score": score.overall,
        "judge": score.judge,
        "weight": weight,
    }
