//! From the wire into the hub, waiting for nothing.

use std::sync::Arc;

use protocol::Message;
use transport::ingest::Received;

use crate::hub::Hub;

/// What ingest calls for everything that comes.
pub fn sink(hub: Arc<Hub>) -> impl FnMut(Received) + Send + 'static {
    move |received| match received {
        Received::Message(Message::Frame(frame)) => hub.frame(frame),
        Received::Message(Message::Metric(metric)) => hub.metric(&metric),
        Received::Message(Message::Event(event)) => hub.event(&event),
        Received::Refused { peer, stream, error } => {
            // The address, not the port: a producer that dials again is still the same trouble.
            let source = match stream {
                Some(stream) => format!("{} ({stream})", peer.ip()),
                None => peer.ip().to_string(),
            };
            hub.notice(&source, error.reason(), error.to_string());
        }
        Received::TurnedAway { peer, reason } => {
            hub.notice(
                &peer.ip().to_string(),
                reason.reason(),
                format!("connection refused: {reason}"),
            );
        }
        // The transport logs who comes and goes.
        Received::Joined { .. } | Received::Left { .. } => {}
    }
}
