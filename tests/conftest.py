from pathlib import Path

import pytest

from stack import binaries


@pytest.fixture(scope="session")
def monitoring_binaries():
    """The folder of prometheus, promtool, alertmanager and amtool."""
    return binaries.find()


@pytest.fixture(scope="session")
def root():
    """The folder of the project."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def exported_by_others():
    """What we use of Prometheus and Alertmanager: the labels of each metric."""
    return {
        "ALERTS": {"alertstate"},
        "up": set(),
        "alertmanager_alerts": {"state"},
        "alertmanager_notification_requests_failed_total": {"integration"},
        "alertmanager_notification_requests_total": {"integration"},
        "prometheus_config_last_reload_successful": set(),
        "prometheus_notifications_alertmanagers_discovered": set(),
        "prometheus_notifications_dropped_total": set(),
        "prometheus_notifications_errors_total": {"alertmanager"},
        "prometheus_notifications_sent_total": {"alertmanager"},
        "prometheus_rule_evaluation_failures_total": {"rule_group"},
        "prometheus_rule_group_interval_seconds": {"rule_group"},
        "prometheus_rule_group_iterations_missed_total": {"rule_group"},
        "prometheus_rule_group_last_duration_seconds": {"rule_group"},
        "prometheus_tsdb_head_series": set(),
    }
