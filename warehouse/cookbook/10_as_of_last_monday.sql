-- sv: Vad visste vi i måndags klockan sex om händelserna helgen före?
-- en: What did we know last Monday at six of the weekend before?
-- Instants are compared with instants: the local day of every version of all years would cost ten times as much.
SELECT core.day_of(event_at) AS local_day, count(*) AS count
FROM (
    SELECT *, coalesce(occurred_from, reported_at, published_at) AS event_at
    FROM core.as_of(core.start_of(core.last_weekday(1)) + INTERVAL 6 HOURS)
)
WHERE change_kind <> 'withdrawn' AND counts_as = 'incident'
    AND event_at >= core.start_of(core.last_weekday(1) - 3) AND event_at < core.start_of(core.last_weekday(1))
GROUP BY ALL ORDER BY ALL;
