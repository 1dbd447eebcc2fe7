"""Side by side with the peers: what a call, a chunk, an import and an open stream cost."""
