-- Every number a rule below turns on, with its reason and date. A rule asks for it by name; the build refuses a
-- set of thresholds that lacks one, since a comparison with NULL would quietly never be true.
CREATE OR REPLACE TABLE config.threshold (
    name VARCHAR PRIMARY KEY,
    value DOUBLE NOT NULL,
    unit VARCHAR,
    reason VARCHAR,
    decided_day DATE
);
COMMENT ON TABLE config.threshold IS 'One row per number that a rule of the picture turns on.';

CREATE OR REPLACE MACRO config.threshold_of(wanted) AS (SELECT value FROM config.threshold WHERE name = wanted);
