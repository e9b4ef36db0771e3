-- The days around the moment, computed: holidays, pay-days and darkness at the municipality's middle.
CREATE OR REPLACE TABLE config.calendar_day (
    local_day DATE PRIMARY KEY,
    holiday_sv VARCHAR,
    holiday_en VARCHAR,
    is_bank_day BOOLEAN NOT NULL,
    is_pay_day BOOLEAN NOT NULL,
    sunrise VARCHAR,
    sunset VARCHAR,
    dark_from VARCHAR,
    dark_until VARCHAR,
    light VARCHAR NOT NULL
);
COMMENT ON TABLE config.calendar_day IS 'One row per local day around the moment.';
