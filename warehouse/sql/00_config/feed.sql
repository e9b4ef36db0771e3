-- What is expected of each source. Without it, silence cannot be told from peace.
CREATE OR REPLACE TABLE config.feed (
    source_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    title_sv VARCHAR NOT NULL,
    title_en VARCHAR NOT NULL,
    owner_org VARCHAR,
    purpose VARCHAR,
    is_trend_source BOOLEAN NOT NULL,
    expected_every_hours DOUBLE,
    late_after_hours DOUBLE NOT NULL,
    down_after_hours DOUBLE NOT NULL,
    expected_low INTEGER,
    expected_high INTEGER,
    expected_reason VARCHAR,
    loss_after_hours DOUBLE,
    position INTEGER NOT NULL,
    register VARCHAR
);
COMMENT ON TABLE config.feed IS 'One row per source the municipality has agreed to read.';
