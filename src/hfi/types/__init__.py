"""The values users hold: frozen, and with no I/O behind them."""
