"""From measured traffic to predictions: flow exports, matrices, forecasters and their error."""
