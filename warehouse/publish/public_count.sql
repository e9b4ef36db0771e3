-- The public version's counts: incidents per area and family in the last whole block of four weeks that is at least
-- three days old (late reports are in by then). Blocks do not overlap, so that no publication can be taken from
-- another: they are counted from Monday 1 January 2024. Only what is labelled TLP:CLEAR, or comes from a source whose
-- owner agreed (public_feed). A sensitive incident has neither area nor family: it is a number for the municipality.
WITH block AS (
    SELECT until_day - 27 AS from_day, until_day
    FROM (
        SELECT today - 3 - ((today - 3 - DATE '2023-12-31') % 28)::INTEGER AS until_day
        FROM (SELECT (moment_at AT TIME ZONE timezone)::DATE AS today FROM config.moment)
    )
), agreed AS (
    SELECT source_id FROM config.feed WHERE is_trend_source AND source_id IN (SELECT source_id FROM public_feed)
), told AS (
    SELECT i.*
    FROM core.incident AS i
    JOIN core.recent_report AS r ON r.report_id = i.report_id
    CROSS JOIN block AS b
    WHERE i.local_day BETWEEN b.from_day AND b.until_day
        AND (r.tlp = 'TLP:CLEAR' OR i.source_id IN (SELECT source_id FROM agreed))
), shown AS (
    SELECT source_id FROM agreed UNION SELECT source_id FROM told
), counted AS (
    SELECT
        CASE WHEN NOT is_person_sensitive THEN area_id END AS area_id,
        CASE WHEN NOT is_person_sensitive THEN coalesce(family, 'okand') END AS family,
        is_person_sensitive, count(*)::INTEGER AS count
    FROM told
    GROUP BY ALL
), heard AS (
    SELECT count(DISTINCT d.source_id) AS source_count, count(*) FILTER (WHERE d.is_heard) AS heard_days
    FROM core.feed_day AS d JOIN shown AS s ON s.source_id = d.source_id CROSS JOIN block AS b
    WHERE d.local_day BETWEEN b.from_day AND b.until_day
)
SELECT b.from_day, b.until_day, h.source_count::INTEGER AS source_count, h.heard_days::INTEGER AS heard_days,
    c.area_id, c.family, coalesce(c.is_person_sensitive, FALSE) AS is_person_sensitive, coalesce(c.count, 0) AS count
FROM block AS b CROSS JOIN heard AS h LEFT JOIN counted AS c ON TRUE
ORDER BY c.is_person_sensitive, c.area_id NULLS LAST, c.family
