-- §1 Källor i dag: the sheet opens with who was heard. Numbers are those of the last 24 hours; where nothing came
-- they are unknown, not nought.
CREATE OR REPLACE TABLE picture.source AS
SELECT
    row_number() OVER (ORDER BY position, source_id)::INTEGER AS position,
    '1.' || row_number() OVER (ORDER BY position, source_id) AS query_id,
    source_id, title_sv, title_en, owner_org, role, status, last_received_at, last_event_at,
    round(hours_silent, 1) AS hours_silent,
    seen_count, accepted_count, rejected_count, duplicate_count, quarantined_count,
    expected_low, expected_high, is_below_expected, is_above_expected, last_cause, notice_count, is_possible_loss,
    is_frozen
FROM core.feed_state
WHERE role <> 'register'  -- each section that stands on a register says itself how it is
ORDER BY position;
ALTER TABLE picture.source ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.source IS 'One row per source, in the settings'' order: how it is at the moment.';
