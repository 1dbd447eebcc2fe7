"""What the line needs and no server sees: time limits, redirects, proxies, inflating."""
