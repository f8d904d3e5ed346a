"""The whole service against its twins, with a small seeded Japanese company: `make demo` and `make smoke`."""
