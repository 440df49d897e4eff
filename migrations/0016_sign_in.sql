-- Failed sign-ins are remembered for a day: whoever fails on waits longer and longer.

CREATE INDEX login_failures_at ON login_failures (at);
COMMENT ON TABLE login_failures IS 'Failed sign-ins of the last day, counted per subject (user name, address). No tenant: it is not known yet.';
COMMENT ON TABLE recovery_codes IS 'Each stands in for the second factor once. Made and dropped as one set.';
