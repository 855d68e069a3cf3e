//! The gateway: ingest, HLS, series history, websockets, the page, and the nodes it looks after
