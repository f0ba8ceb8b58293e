-- Ride bookings as a loader made them from a CSV through Python: every column of the file is text that holds a Python
-- bytes literal, such as b'1138.0', b'Go Sedan', b'"CNR5884300"', b'null', b"Driver's fault".

CREATE TABLE public.business_ncr_ride_bookings (
    id bigserial PRIMARY KEY,
    "ncr_ride_bookings.csv/date" text,
    "ncr_ride_bookings.csv/time" text,
    "ncr_ride_bookings.csv/booking+id" text,
    "ncr_ride_bookings.csv/booking+status" text,
    "ncr_ride_bookings.csv/customer+id" text,
    "ncr_ride_bookings.csv/vehicle+type" text,
    "ncr_ride_bookings.csv/pickup+location" text,
    "ncr_ride_bookings.csv/drop+location" text,
    "ncr_ride_bookings.csv/avg+vtat" text,
    "ncr_ride_bookings.csv/avg+ctat" text,
    "ncr_ride_bookings.csv/cancelled+rides+by+customer" text,
    "ncr_ride_bookings.csv/reason+for+cancelling+by+customer" text,
    "ncr_ride_bookings.csv/cancelled+rides+by+driver" text,
    "ncr_ride_bookings.csv/driver+cancellation+reason" text,
    "ncr_ride_bookings.csv/incomplete+rides" text,
    "ncr_ride_bookings.csv/incomplete+rides+reason" text,
    "ncr_ride_bookings.csv/booking+value" text,
    "ncr_ride_bookings.csv/ride+distance" text,
    "ncr_ride_bookings.csv/driver+ratings" text,
    "ncr_ride_bookings.csv/customer+rating" text,
    "ncr_ride_bookings.csv/payment+method" text,
    created_at timestamp DEFAULT now(),
    updated_at timestamp DEFAULT now()
);
