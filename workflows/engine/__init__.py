"""How a run is durable, a write is made once, and a row is kept. Nothing here knows a customer or a wish."""
