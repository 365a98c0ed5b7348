"""Alertmanager, as the receiver sees it: asked, compared with, and missed."""
