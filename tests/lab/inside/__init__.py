"""What runs in the guest, as root: devices as the kernel sees them, and who plays with them."""
