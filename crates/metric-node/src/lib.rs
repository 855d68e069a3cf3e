//! Publishes series: synthetic signals, this machine, CSV, JSON lines, NumPy traces
