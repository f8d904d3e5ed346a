"""The demo's own pages and buttons. The service knows nothing of them: `app.demo.host` hands them in."""
