-- sv: Hur lång tid tar det från händelse till att vi vet, källa för källa, de senaste fyra veckorna?
-- en: How long from event until we know, source by source, in the last four weeks?
SELECT source_id, count(*) AS count, median(latency_hours) AS median_hours, quantile_cont(latency_hours, 0.9) AS p90_hours
FROM quality.latency WHERE local_day >= core.this_day() - 28 GROUP BY source_id ORDER BY source_id;
