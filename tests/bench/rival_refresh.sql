-- A picture's counts by DuckDB alone: the newest version of each report, seven days against 52 weeks, places, hours.
CREATE TABLE report AS
SELECT source_id, category, severity, counts_as, area_id, place_id, status, occurred_from, reported_at, ingested_at
FROM version QUALIFY row_number() OVER (PARTITION BY source_id, source_key ORDER BY version DESC) = 1;
CREATE TABLE day AS
SELECT source_id, area_id, category, (coalesce(occurred_from, reported_at) AT TIME ZONE 'Europe/Stockholm')::DATE AS day,
    count(*) AS n
FROM report WHERE counts_as = 'incident' GROUP BY ALL;
CREATE TABLE cell AS
SELECT area_id, category, sum(n) FILTER (day >= DATE '2026-10-09') AS week,
    sum(n) FILTER (day BETWEEN DATE '2025-10-10' AND DATE '2026-10-08') / 52 AS usual
FROM day GROUP BY GROUPING SETS ((area_id, category), (area_id), (category), ());
CREATE TABLE focus AS
SELECT place_id, count(*) AS n FROM report
WHERE coalesce(occurred_from, reported_at) >= TIMESTAMPTZ '2026-09-18' GROUP BY ALL ORDER BY n DESC LIMIT 10;
CREATE TABLE heat AS
SELECT isodow(occurred_from AT TIME ZONE 'Europe/Stockholm') AS weekday,
    hour(occurred_from AT TIME ZONE 'Europe/Stockholm') AS hour, count(*) AS n
FROM report WHERE occurred_from >= TIMESTAMPTZ '2026-09-18' GROUP BY ALL;
CREATE TABLE recent AS
SELECT * FROM report WHERE ingested_at > TIMESTAMPTZ '2026-10-15 04:15:00+00' ORDER BY severity DESC LIMIT 40;
