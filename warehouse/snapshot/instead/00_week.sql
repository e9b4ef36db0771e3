-- What may be told of a sensitive report to whoever asks row by row: the sheet's own rule, category, municipality and week.
-- The views below stand for the build's tables of the same name while the snapshot is copied, so that nothing finer is
-- ever in the file. A time becomes the beginning of its local ISO week and not NULL: the weeks' counts stay whole.
CREATE OR REPLACE TEMP MACRO monday_of(instant) AS
    date_trunc('week', instant AT TIME ZONE (SELECT timezone FROM config.moment))
        AT TIME ZONE (SELECT timezone FROM config.moment);
CREATE OR REPLACE TEMP MACRO sunday_after(instant) AS
    (date_trunc('week', instant AT TIME ZONE (SELECT timezone FROM config.moment)) + INTERVAL 7 DAYS)
        AT TIME ZONE (SELECT timezone FROM config.moment);
CREATE OR REPLACE TEMP MACRO told(is_sensitive, coarse, exact) AS CASE WHEN is_sensitive THEN coarse ELSE exact END;
CREATE OR REPLACE TEMP VIEW sensitive_category AS
SELECT category FROM config.category WHERE finest_precision IN ('kommun', 'lan');
