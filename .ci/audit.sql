-- Every change of a booking, in the change's own transaction: what was delivered is compared with this.
CREATE TABLE audit (op text, id bigint, booking_value text);

CREATE FUNCTION audit_booking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booking business_ncr_ride_bookings := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO audit
    VALUES (CASE TG_OP WHEN 'INSERT' THEN 'c' WHEN 'UPDATE' THEN 'u' ELSE 'd' END,
            booking.id,
            -- Of a deleted row Postgres sends the key alone (REPLICA IDENTITY DEFAULT).
            CASE WHEN TG_OP <> 'DELETE' THEN booking."ncr_ride_bookings.csv/booking+value" END);
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_booking AFTER INSERT OR UPDATE OR DELETE ON business_ncr_ride_bookings
    FOR EACH ROW EXECUTE FUNCTION audit_booking();
