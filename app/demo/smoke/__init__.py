"""The whole product played headless against the twins, one printed line per step: `make smoke`."""
