package dev.millrace.simulator.users;

import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Somebody who has registered. */
public record User(
    UUID id,
    String firstName,
    String lastName,
    String gender,
    String address,
    String postCode,
    String email,
    String username,
    LocalDate dob,
    Instant registeredDate,
    String phone,
    String picture) {

  /**
   * The fields as a message has them, in order.
   *
   * <pre>
   * id, first_name, last_name, gender, address, post_code, email, username,
   * dob 1987-04-23, registered_date 2021-06-30T08:15:00Z, phone, picture
   * </pre>
   */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("id", id.toString());
    fields.put("first_name", firstName);
    fields.put("last_name", lastName);
    fields.put("gender", gender);
    fields.put("address", address);
    fields.put("post_code", postCode);
    fields.put("email", email);
    fields.put("username", username);
    fields.put("dob", dob.toString());
    fields.put("registered_date", registeredDate.toString());
    fields.put("phone", phone);
    fields.put("picture", picture);
    return fields;
  }
}
