"""How requests reach the application, and how its metrics are served."""
