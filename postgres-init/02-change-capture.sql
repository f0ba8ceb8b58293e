-- What Debezium needs, and no more. The role cannot log in until 03-passwords.sh has given it a password.

-- Debezium writes here now and then, so that its replication slot moves on, and Postgres can drop old WAL, while the
-- captured tables are idle.
CREATE TABLE public.debezium_heartbeat (
    source text PRIMARY KEY,
    beaten_at timestamptz NOT NULL
);

CREATE ROLE debezium_user LOGIN REPLICATION;

GRANT USAGE ON SCHEMA public TO debezium_user;
GRANT SELECT ON public.business_ncr_ride_bookings TO debezium_user;
GRANT SELECT, INSERT, UPDATE ON public.debezium_heartbeat TO debezium_user;

CREATE PUBLICATION millrace FOR TABLE
    public.business_ncr_ride_bookings,
    public.debezium_heartbeat;
