-- What was tried and what came of it, in one sentence. "För få händelser för slutsats" is a valid answer, and so is
-- "för kort historik"; neither may look like calm.
CREATE OR REPLACE TABLE picture.deviation_total AS
WITH total AS (
    SELECT
        count(*) FILTER (WHERE is_tested)::INTEGER AS tested_count,
        count(*) FILTER (WHERE verdict = 'signal')::INTEGER AS signal_count,
        count(*) FILTER (WHERE verdict = 'watch')::INTEGER AS watch_count,
        count(*) FILTER (WHERE verdict = 'fall')::INTEGER AS fall_count,
        CASE WHEN bool_or(is_tested AND baseline = '52_weeks') THEN '52_weeks'
            WHEN bool_or(is_tested AND baseline = '8_periods') THEN '8_periods'
            WHEN bool_and(baseline = 'too_short') THEN 'too_short'
            ELSE max(baseline) END AS baseline,
        -- Under minimum_count incidents, counted and expected, nothing could ever be signalled.
        coalesce(max(greatest(count, expected)) FILTER (WHERE level = 'municipality' AND is_tested)
            < config.threshold_of('minimum_count'), FALSE) AS is_too_few
    FROM core.deviation_test
)
SELECT
    tested_count, signal_count, watch_count, fall_count, baseline,
    CASE
        WHEN tested_count = 0 AND coalesce(baseline, 'too_short') = 'too_short'
            THEN 'För kort historik för slutsats om avvikelser.'
        WHEN tested_count = 0 THEN 'Ingen källa har hörts om de senaste sju dygnen: inget kan prövas.'
        WHEN is_too_few THEN 'För få händelser för slutsats om avvikelser.'
        WHEN signal_count + watch_count + fall_count = 0
            THEN 'Inga avvikelser utöver slumpen (' || picture.counted(tested_count, 'prövat antal', 'prövade antal') || ').'
        ELSE array_to_string(list_filter([
            CASE WHEN signal_count > 0 THEN picture.counted(signal_count, 'signal', 'signaler') END,
            CASE WHEN watch_count > 0 THEN watch_count || ' att bevaka' END,
            CASE WHEN fall_count > 0 THEN picture.counted(fall_count, 'nedgång', 'nedgångar') END
        ], lambda part: part IS NOT NULL), ', ') || ' (' || picture.counted(tested_count, 'prövat antal', 'prövade antal') || ').'
    END AS text_sv,
    CASE
        WHEN tested_count = 0 AND coalesce(baseline, 'too_short') = 'too_short'
            THEN 'Too short a history to say what deviates.'
        WHEN tested_count = 0 THEN 'No source was heard about the last seven days: nothing can be tested.'
        WHEN is_too_few THEN 'Too few incidents to say what deviates.'
        WHEN signal_count + watch_count + fall_count = 0
            THEN 'No deviations beyond chance (' || picture.counted(tested_count, 'count tested', 'counts tested') || ').'
        ELSE array_to_string(list_filter([
            CASE WHEN signal_count > 0 THEN picture.counted(signal_count, 'signal', 'signals') END,
            CASE WHEN watch_count > 0 THEN watch_count || ' to watch' END,
            CASE WHEN fall_count > 0 THEN picture.counted(fall_count, 'decrease', 'decreases') END
        ], lambda part: part IS NOT NULL), ', ') || ' (' || picture.counted(tested_count, 'count tested', 'counts tested') || ').'
    END AS text_en
FROM total;
ALTER TABLE picture.deviation_total ADD PRIMARY KEY (tested_count);
COMMENT ON TABLE picture.deviation_total IS 'One row per picture: how many counts were tested and what was found.';
