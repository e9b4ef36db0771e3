-- How much there was besides the eight: nothing falls off the list uncounted. A return counts among the changed.
-- Activity, context and meta are what came in new. Meta is counted for the municipality, and for its county where
-- the source names no municipality: the police's summaries are written county by county.
CREATE OR REPLACE TABLE picture.event_total AS
WITH recent AS (
    SELECT c.*, c.counts_as = 'incident' OR (c.counts_as = 'context' AND c.severity >= 3) AS is_listed
    FROM core.change AS c
    WHERE c.is_news
)
SELECT
    count(*) FILTER (WHERE is_ours AND is_listed AND change_kind = 'new')::INTEGER AS new_count,
    count(*) FILTER (WHERE is_ours AND is_listed AND change_kind IN ('changed', 'returned'))::INTEGER AS changed_count,
    count(*) FILTER (WHERE is_ours AND is_listed AND change_kind = 'withdrawn')::INTEGER AS withdrawn_count,
    (SELECT count(*) FROM picture.event)::INTEGER AS shown_count,
    count(*) FILTER (WHERE is_ours AND counts_as = 'activity' AND change_kind = 'new')::INTEGER AS activity_count,
    count(*) FILTER (WHERE is_ours AND counts_as = 'context' AND change_kind = 'new')::INTEGER AS context_count,
    count(*) FILTER (WHERE (is_ours OR is_our_county) AND counts_as = 'meta' AND change_kind = 'new')::INTEGER
        AS meta_count
FROM recent;
ALTER TABLE picture.event_total ADD PRIMARY KEY (new_count);
COMMENT ON TABLE picture.event_total IS
    'One row per picture: how much is new, changed and withdrawn since the last one.';
