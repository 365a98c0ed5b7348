"""The table of alerts, and what is asked of it."""

# One row for each time an alert fires; its end is filled in when it is told. So what is
# told twice is stored once, and in whichever order the two arrive.
#
# A restart of Prometheus moves the start of what fires. Alertmanager sees that it is
# one alert, because the times overlap, but only while it remembers the first. So an end
# is the end of what fires, whichever start it names. A beginning is told: that the
# former end was lost is as likely, and then it would be lost, too.
SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
    fingerprint TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT,
    alertname TEXT NOT NULL,
    severity TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    generator_url TEXT NOT NULL,
    firing_received_at TEXT,
    resolved_received_at TEXT,
    PRIMARY KEY (fingerprint, starts_at)
) STRICT;

-- With these, a page takes as long in a hundred thousand alerts as in a hundred.
CREATE INDEX IF NOT EXISTS alerts_by_state ON alerts (ends_at IS NULL, starts_at);
CREATE INDEX IF NOT EXISTS alerts_by_model
ON alerts (json_extract(labels, '$.model'), ends_at IS NULL, starts_at);

-- What is deleted first comes first. By the clock of the receiver, not of the sender.
CREATE INDEX IF NOT EXISTS alerts_by_age
ON alerts (ends_at IS NULL, coalesce(resolved_received_at, firing_received_at));

-- News that is stored and not known to be in the log: a kill may come between.
CREATE TABLE IF NOT EXISTS unlogged (
    fingerprint TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (fingerprint, starts_at, status),
    FOREIGN KEY (fingerprint, starts_at) REFERENCES alerts ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
"""
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"
COLUMNS = "SELECT name FROM pragma_table_info('alerts')"
COLUMN_NAMES = [
    "fingerprint",
    "starts_at",
    "ends_at",
    "alertname",
    "severity",
    "labels",
    "annotations",
    "generator_url",
    "firing_received_at",
    "resolved_received_at",
]
INVALID = """
SELECT 1 FROM alerts WHERE NOT (json_valid(labels) AND json_valid(annotations)) LIMIT 1
"""
INSERT = """
INSERT INTO alerts VALUES (
    :fingerprint,
    coalesce(
        (SELECT max(starts_at) FROM alerts
         WHERE fingerprint = :fingerprint AND starts_at <= :starts_at
           AND coalesce(ends_at > :starts_at, :ends_at IS NOT NULL)),
        :starts_at
    ),
    :ends_at, :alertname, :severity, :labels, :annotations, :generator_url,
    :firing_received_at, :resolved_received_at
)
ON CONFLICT (fingerprint, starts_at) DO UPDATE SET
    ends_at = coalesce(ends_at, excluded.ends_at),
    firing_received_at = coalesce(firing_received_at, excluded.firing_received_at),
    resolved_received_at = coalesce(resolved_received_at, excluded.resolved_received_at)
WHERE firing_received_at IS NULL AND excluded.firing_received_at IS NOT NULL
   OR resolved_received_at IS NULL AND excluded.resolved_received_at IS NOT NULL
RETURNING starts_at
"""
# What fires anew had ended.
SUPERSEDE = """
UPDATE alerts SET ends_at = :starts_at, resolved_received_at = :firing_received_at
WHERE fingerprint = :fingerprint AND starts_at < :starts_at AND ends_at IS NULL
  AND :firing_received_at IS NOT NULL
"""
FIRING_SINCE = """
SELECT starts_at FROM alerts WHERE fingerprint = ? AND ends_at IS NULL
ORDER BY starts_at DESC LIMIT 1
"""
NEWEST_FIRST = "SELECT * FROM alerts ORDER BY starts_at DESC, alertname, labels LIMIT ?"
FIRING_FIRST = """
SELECT * FROM alerts
WHERE (:firing IS NULL OR (ends_at IS NULL) = :firing)
ORDER BY ends_at IS NULL DESC, starts_at DESC, alertname, labels
LIMIT :limit OFFSET :skip
"""
FIRING_FIRST_OF_MODEL = """
SELECT * FROM alerts
WHERE (:firing IS NULL OR (ends_at IS NULL) = :firing)
  AND json_extract(labels, '$.model') = :model
ORDER BY ends_at IS NULL DESC, starts_at DESC, alertname, labels
LIMIT :limit OFFSET :skip
"""
FIRING = "SELECT count(*) AS firing FROM alerts WHERE (ends_at IS NULL) = 1"
MODELS = """
SELECT DISTINCT json_extract(labels, '$.model') AS model FROM alerts
WHERE json_extract(labels, '$.model') > '' ORDER BY model LIMIT ?
"""
DELETE_OLDER = """
DELETE FROM alerts WHERE rowid IN (
    SELECT rowid FROM alerts
    WHERE (ends_at IS NULL) IN (0, 1)
      AND coalesce(resolved_received_at, firing_received_at) < :before
    LIMIT :bite
)
"""
DELETE_OLDEST = """
DELETE FROM alerts WHERE rowid IN (
    SELECT rowid FROM alerts
    ORDER BY ends_at IS NULL, coalesce(resolved_received_at, firing_received_at)
    LIMIT :bite
)
"""
REMEMBER = "INSERT OR IGNORE INTO unlogged VALUES (:fingerprint, :starts_at, :status)"
FORGET = """
DELETE FROM unlogged
WHERE fingerprint = :fingerprint AND starts_at = :starts_at AND status = :status
"""
UNLOGGED = """
SELECT alerts.*, status FROM unlogged JOIN alerts USING (fingerprint, starts_at)
ORDER BY coalesce(resolved_received_at, firing_received_at)
"""
