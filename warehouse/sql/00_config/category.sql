-- The house vocabulary with what a category counts as, how grave it is and how finely it may be placed.
CREATE OR REPLACE TABLE config.category (
    category VARCHAR PRIMARY KEY,
    category_sv VARCHAR NOT NULL,
    category_en VARCHAR NOT NULL,
    counts_as VARCHAR NOT NULL,
    severity_default TINYINT NOT NULL,
    finest_precision VARCHAR NOT NULL,
    family VARCHAR NOT NULL
);
COMMENT ON TABLE config.category IS 'One row per category of the house vocabulary.';
