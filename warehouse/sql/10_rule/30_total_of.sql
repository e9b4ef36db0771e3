-- What the picture must know of all years, summed over reports as the lake sums them (warehouse/current.py). An event
-- told of more than 15 minutes before it was to happen stands by itself (ahead_event_at): whether its time has come
-- depends on the moment. open_place_id names the place of municipal matters that stand open.
CREATE OR REPLACE MACRO stage.total_of(reports) AS TABLE
WITH told AS (
    SELECT source_id, category, area_id, tlp, ingested_at,
        coalesce(occurred_from, reported_at, published_at) AS event_at,
        change_kind <> 'withdrawn' AS is_standing,
        CASE WHEN status = 'open' AND change_kind <> 'withdrawn'
            AND observation_type IN ('municipal_request', 'safety_walk') THEN place_id END AS open_place_id
    FROM query_table(reports)
)
SELECT source_id, category, area_id, open_place_id, tlp, is_standing,
    CASE WHEN event_at > ingested_at + INTERVAL 15 MINUTES THEN event_at END AS ahead_event_at,
    count(*)::INTEGER AS report_count, min(event_at) AS first_event_at, max(event_at) AS last_event_at,
    max(ingested_at) AS last_ingested_at
FROM told
GROUP BY ALL;
