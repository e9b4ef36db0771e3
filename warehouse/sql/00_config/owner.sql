-- Who may own a measure: organisations and roles of the municipality's own list. A person's name is never one.
CREATE OR REPLACE TABLE config.owner (
    owner_id VARCHAR PRIMARY KEY,
    owner_name VARCHAR NOT NULL,
    owner_role VARCHAR NOT NULL,
    position INTEGER NOT NULL
);
COMMENT ON TABLE config.owner IS 'One row per organisation or role that may own a measure.';
