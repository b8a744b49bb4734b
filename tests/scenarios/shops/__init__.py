"""Six shops, a trading day each: what is done, what is printed, and that every sum agrees."""
