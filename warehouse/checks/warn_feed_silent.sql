-- A source is down, was never heard, or answers without telling anything new.
SELECT source_id, status, is_frozen, round(hours_silent, 1) AS hours_silent, last_cause
FROM picture.source WHERE status IN ('down', 'never') OR is_frozen
ORDER BY source_id;
