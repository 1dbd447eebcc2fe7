"""What the Hub says of models: requests, replies, and a bounded memory of them."""
