-- The moment the picture is made for. A table and not a parameter, so that every query below runs as it stands
-- in a DuckDB shell, a test sets it with an INSERT, and the finished file remembers it.
CREATE OR REPLACE TABLE config.moment (
    moment_at TIMESTAMPTZ PRIMARY KEY,
    previous_moment_at TIMESTAMPTZ,
    valid_until_at TIMESTAMPTZ,
    timezone VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    code_version VARCHAR
);
COMMENT ON TABLE config.moment IS 'One row per build: the moment this database knows the world at.';
