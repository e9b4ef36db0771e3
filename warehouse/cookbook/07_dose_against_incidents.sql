-- sv: Följer väktarnas ronder händelserna, vecka för vecka?
-- en: Do the guards' rounds follow the incidents, week by week?
WITH dose AS (
    SELECT core.week_of(local_day) AS week, count(*) AS rounds FROM core.report
    WHERE observation_type = 'guard_activity' AND is_ours GROUP BY ALL
), told AS (SELECT core.week_of(local_day) AS week, count(*) AS incidents FROM core.incident GROUP BY ALL)
SELECT week, coalesce(rounds, 0) AS rounds, coalesce(incidents, 0) AS incidents
FROM dose FULL JOIN told USING (week) WHERE week IS NOT NULL ORDER BY week;
