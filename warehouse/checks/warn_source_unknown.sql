-- Reports of a source that the settings no longer name: known, and in no count.
SELECT source_id, sum(standing_count) AS report_count
FROM core.standing_total WHERE source_id NOT IN (SELECT source_id FROM config.feed)
GROUP BY source_id ORDER BY source_id;
