"""EditNet: model, flow, pipeline, checkpoint."""
