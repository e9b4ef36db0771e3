CREATE OR REPLACE TEMP VIEW instead_report_day AS
WITH told AS (
    SELECT * REPLACE (
        told(category IN (FROM sensitive_category), date_trunc('week', local_day)::DATE, local_day) AS local_day)
    FROM core.report_day
)
SELECT t.* REPLACE (d.days_ago AS days_ago, d.period AS period)
FROM told AS t LEFT JOIN core.local_day AS d ON d.local_day = t.local_day;
