"""Receives Alertmanager's notifications; logs, stores and shows every alert."""
