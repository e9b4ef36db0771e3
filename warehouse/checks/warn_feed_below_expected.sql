-- A source brought fewer records in 24 hours than it is expected to.
SELECT source_id, accepted_count, expected_low FROM picture.source WHERE is_below_expected ORDER BY source_id;
