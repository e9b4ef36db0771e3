-- sv: Vad visste vi i måndags klockan sex om händelserna helgen före?
-- en: What did we know last Monday at six of the weekend before?
SELECT core.day_of(coalesce(occurred_from, reported_at, published_at)) AS local_day, count(*) AS count
FROM core.as_of(core.start_of(core.last_weekday(1)) + INTERVAL 6 HOURS)
WHERE change_kind <> 'withdrawn' AND counts_as = 'incident'
    AND core.day_of(coalesce(occurred_from, reported_at, published_at))
        BETWEEN core.last_weekday(1) - 3 AND core.last_weekday(1) - 1
GROUP BY ALL ORDER BY ALL;
