-- What was done, in words: reports carry the code, the reader is given his own language.
CREATE OR REPLACE TABLE config.action (
    action VARCHAR PRIMARY KEY,
    action_sv VARCHAR NOT NULL,
    action_en VARCHAR NOT NULL
);
COMMENT ON TABLE config.action IS 'One row per coded action.';
