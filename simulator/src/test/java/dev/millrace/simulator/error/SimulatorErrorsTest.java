package dev.millrace.simulator.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** SQL states and messages are those of Postgres and its driver. */
class SimulatorErrorsTest {

  private static final String TABLE = "public.business_ncr_ride_bookings";
  private static final String URL = "jdbc:postgresql://localhost:5432/business_db";

  @Test
  void namesTheVariableOfAWrongPassword() {
    SQLException cause =
        new SQLException("FATAL: password authentication failed for user \"rider\"", "28P01");
    assertThat(SimulatorErrors.cannotConnect(URL, "rider", cause))
        .hasMessage(
            "Postgres at jdbc:postgresql://localhost:5432/business_db refused user 'rider': password"
                + " authentication failed for user \"rider\". Set POSTGRES_PASSWORD to the user's"
                + " password, or choose another user with --user.")
        .extracting(SimulatorException::exitCode)
        .isEqualTo(1);
  }

  @Test
  void saysThatAPasswordIsWanted() {
    SQLException cause =
        new SQLException(
            "The server requested SCRAM-based authentication, but no password was provided.",
            "08004");
    assertThat(SimulatorErrors.cannotConnect(URL, "rider", cause))
        .hasMessageEndingWith(
            "but no password was provided. Set POSTGRES_PASSWORD if the server asks for a"
                + " password.");
  }

  @Test
  void saysWhatCreatesAMissingDatabase() {
    SQLException cause =
        new SQLException("FATAL: database \"business_db\" does not exist", "3D000");
    assertThat(SimulatorErrors.cannotConnect(URL, "rider", cause))
        .hasMessageContaining("./millrace stack up");
  }

  @Test
  void saysWhatCreatesAMissingTable() {
    SQLException cause =
        new SQLException(
            "ERROR: relation \"public.business_ncr_ride_bookings\" does not exist\n  Where: x",
            "42P01");
    assertThat(SimulatorErrors.cannotWrite(TABLE, URL, "rider", cause))
        .hasMessage(
            "No table public.business_ncr_ride_bookings at"
                + " jdbc:postgresql://localhost:5432/business_db. Create it with postgres-init/, as"
                + " ./millrace stack up does, or name another database in --jdbc-url.");
  }

  @Test
  void saysWhatToGrant() {
    SQLException cause =
        new SQLException("ERROR: permission denied for table business_ncr_ride_bookings", "42501");
    assertThat(SimulatorErrors.cannotWrite(TABLE, URL, "rider", cause))
        .hasMessageContaining("User 'rider' may not write")
        .hasMessageContaining("Grant INSERT, UPDATE, DELETE and SELECT");
  }

  @Test
  void tellsALostConnectionFromAFailedStatement() {
    assertThat(
            SimulatorErrors.cannotWrite(
                TABLE, URL, "rider", new SQLException("FATAL: terminating connection", "57P01")))
        .hasMessageStartingWith("Lost the connection to Postgres at");
    assertThat(
            SimulatorErrors.cannotWrite(
                TABLE, URL, "rider", new SQLException("ERROR: could not extend file", "53100")))
        .hasMessageStartingWith("Cannot write to public.business_ncr_ride_bookings at");
  }

  @Test
  void showsTheServersWordsOfAFailedBatch() {
    BatchUpdateException batch =
        new BatchUpdateException("Batch entry 0 INSERT ... was aborted", "53100", new int[0]);
    batch.setNextException(new SQLException("ERROR: could not extend file", "53100"));
    assertThat(SimulatorErrors.cannotWrite(TABLE, URL, "rider", batch))
        .hasMessageContaining(": could not extend file.");
  }

  @Test
  void masksAPasswordInTheUrl() {
    assertThat(
            SimulatorErrors.cannotConnect(
                URL + "?user=rider&password=hush&ssl=true",
                "rider",
                new SQLException("x", "08001")))
        .hasMessageContaining("?user=rider&password=***&ssl=true: x.");
  }
}
