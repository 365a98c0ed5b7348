"""The tables of the history, and every SQL statement about them."""

import json
from functools import lru_cache

# One row for each event. `annotations` are the newest; `first_annotations` are those
# that it began with, or NULL if they have not changed. `heard_at` is when Alertmanager
# last confirmed it. An event that has ended without `resolved_received_at` was ended by
# reconciliation. Times "received" or "heard" are by the receiver's clock, the others by
# the sender's.
SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT,
    sort_rank INTEGER NOT NULL,
    alertname TEXT NOT NULL,
    severity TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    first_annotations TEXT,
    generator_url TEXT NOT NULL,
    suppressed TEXT NOT NULL,
    firing_received_at TEXT,
    resolved_received_at TEXT,
    heard_at TEXT NOT NULL,
    reopened INTEGER NOT NULL DEFAULT 0,
    previous_end TEXT,
    reopened_at TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS alerts_by_fingerprint ON alerts (fingerprint, starts_at);

-- With these, a page takes as long in a hundred thousand alerts as in a hundred.
CREATE INDEX IF NOT EXISTS alerts_by_rank ON alerts (sort_rank, starts_at DESC);
CREATE INDEX IF NOT EXISTS alerts_by_model
ON alerts (json_extract(labels, '$.model'), sort_rank, starts_at DESC);

CREATE INDEX IF NOT EXISTS alerts_by_start ON alerts (starts_at DESC);

-- What is deleted first comes first.
CREATE INDEX IF NOT EXISTS alerts_by_age ON alerts (ends_at IS NULL, heard_at);

-- Lines that are stored and not known to be in the log: a kill may come between.
CREATE TABLE IF NOT EXISTS unlogged (
    id INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    line TEXT NOT NULL
) STRICT;
"""
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"
COLUMNS = "SELECT name FROM pragma_table_info('alerts')"
COLUMN_NAMES = [
    "id",
    "fingerprint",
    "starts_at",
    "ends_at",
    "sort_rank",
    "alertname",
    "severity",
    "labels",
    "annotations",
    "first_annotations",
    "generator_url",
    "suppressed",
    "firing_received_at",
    "resolved_received_at",
    "heard_at",
    "reopened",
    "previous_end",
    "reopened_at",
]
INVALID_JSON = """
SELECT 1 FROM alerts WHERE NOT (
    json_valid(labels) AND json_valid(annotations)
    AND json_valid(coalesce(first_annotations, '{}'))
) LIMIT 1
"""
INSERT = """
INSERT INTO alerts (
    fingerprint, starts_at, ends_at, sort_rank, alertname, severity, labels,
    annotations, generator_url, suppressed, firing_received_at, resolved_received_at,
    heard_at
) VALUES (
    :fingerprint, :starts_at, :ends_at, :sort_rank, :alertname, :severity, :labels,
    :annotations, :generator_url, :suppressed, :firing_received_at,
    :resolved_received_at, :heard_at
)
"""
NEWEST_EVENT = """
SELECT * FROM alerts WHERE fingerprint = :fingerprint
ORDER BY starts_at DESC LIMIT 1
"""
# An end at the very start of an event is that of the event before.
EVENT_OF_END = """
SELECT * FROM alerts WHERE fingerprint = :fingerprint
AND (starts_at <= :starts_at OR starts_at < :ends_at)
ORDER BY starts_at DESC LIMIT 1
"""
HEAR = """
UPDATE alerts SET
    first_annotations = coalesce(
        first_annotations, CASE WHEN annotations != :annotations THEN annotations END
    ),
    annotations = :annotations, generator_url = :generator_url, heard_at = :heard_at,
    suppressed = :suppressed, sort_rank = :sort_rank,
    firing_received_at = coalesce(firing_received_at, :firing_received_at)
WHERE id = :id
"""
REOPEN = """
UPDATE alerts SET
    first_annotations = coalesce(
        first_annotations, CASE WHEN annotations != :annotations THEN annotations END
    ),
    annotations = :annotations, generator_url = :generator_url, heard_at = :heard_at,
    suppressed = :suppressed, sort_rank = :sort_rank,
    firing_received_at = coalesce(firing_received_at, :firing_received_at),
    previous_end = ends_at, ends_at = NULL, resolved_received_at = NULL,
    reopened = reopened + 1, reopened_at = :heard_at
WHERE id = :id
"""
END = """
UPDATE alerts SET
    first_annotations = coalesce(
        first_annotations, CASE WHEN annotations != :annotations THEN annotations END
    ),
    annotations = :annotations, heard_at = :heard_at, suppressed = '',
    sort_rank = :sort_rank, ends_at = :ends_at, resolved_received_at = :heard_at
WHERE id = :id
"""
END_UNNOTICED = """
UPDATE alerts SET ends_at = :ends_at, suppressed = '', sort_rank = :sort_rank
WHERE id = :id
"""
CORRECT_END = """
UPDATE alerts SET
    ends_at = :ends_at, heard_at = :heard_at,
    resolved_received_at = coalesce(resolved_received_at, :heard_at)
WHERE id = :id
"""
# The receiver's own alert is not Alertmanager's to confirm.
OPEN_EVENTS = "SELECT * FROM alerts WHERE (ends_at IS NULL) = 1 AND fingerprint != ?"
NEWEST_FIRST = "SELECT * FROM alerts ORDER BY starts_at DESC, alertname, labels LIMIT ?"
PAGE = """
SELECT * FROM alerts
WHERE sort_rank BETWEEN :first_rank AND :last_rank
ORDER BY sort_rank, starts_at DESC, alertname, labels
LIMIT :limit OFFSET :skip
"""
PAGE_OF_MODEL = """
SELECT * FROM alerts
WHERE json_extract(labels, '$.model') = :model
  AND sort_rank BETWEEN :first_rank AND :last_rank
ORDER BY sort_rank, starts_at DESC, alertname, labels
LIMIT :limit OFFSET :skip
"""
# Each of `words` has to be in the labels or annotations (has_words). Notifications
# wait meanwhile, so only the first alerts are searched.
SEARCH = """
SELECT * FROM (
    SELECT * FROM alerts
    WHERE sort_rank BETWEEN :first_rank AND :last_rank
    ORDER BY sort_rank, starts_at DESC LIMIT :searched
)
WHERE (:model IS NULL OR json_extract(labels, '$.model') = :model)
  AND has_words(:words, labels, annotations)
ORDER BY sort_rank, starts_at DESC, alertname, labels
LIMIT :limit OFFSET :skip
"""
FIRING_BY_RANK = """
SELECT sort_rank, count(*) AS alerts FROM alerts WHERE sort_rank < ? GROUP BY sort_rank
"""
MODELS = """
SELECT DISTINCT json_extract(labels, '$.model') AS model FROM alerts
WHERE json_extract(labels, '$.model') > '' ORDER BY model LIMIT ?
"""
DELETE_OLDER = """
DELETE FROM alerts WHERE id IN (
    SELECT id FROM alerts
    WHERE (ends_at IS NULL) IN (0, 1) AND heard_at < :before
    LIMIT :rows
)
"""
DELETE_OLDEST = """
DELETE FROM alerts WHERE id IN (
    SELECT id FROM alerts ORDER BY ends_at IS NULL, heard_at LIMIT :rows
)
"""
ADD_UNLOGGED = "INSERT INTO unlogged (status, line) VALUES (?, ?)"
DELETE_UNLOGGED = "DELETE FROM unlogged WHERE id = ?"
UNLOGGED = "SELECT id, status, line FROM unlogged ORDER BY id"


def has_words(words: str, *texts: str) -> bool:
    """Whether each line of `words` is in a name or a value of `texts`, in any case.

    `texts` are JSON objects of texts. They are read only if the words are in the JSON:
    few alerts have them, and notifications wait.
    """
    wanted = _wanted(words)
    written = "\n".join(texts).casefold()
    if not all(in_json in written for _, in_json in wanted):
        return False
    found = "\n".join(
        part for text in texts for pair in json.loads(text).items() for part in pair
    ).casefold()
    return all(word in found for word, _ in wanted)


# One search asks for the same words of each alert.
@lru_cache(maxsize=1)
def _wanted(words: str) -> list[tuple[str, str]]:
    """Each word as it is, and as JSON has it."""
    lines = words.casefold().split("\n")
    return [(word, json.dumps(word, ensure_ascii=False)[1:-1]) for word in lines]
