-- sv: Hur stor del av händelserna med känt klockslag sker 21–06, per område?
-- en: What part of incidents with a known hour happen 21–06, by area?
SELECT area_key, count(*) AS with_hour, count(*) FILTER (local_hour >= 21 OR local_hour < 6) AS night
FROM core.incident WHERE local_hour IS NOT NULL GROUP BY area_key ORDER BY area_key;
