package dev.millrace.simulator.songs;

import java.util.ArrayList;
import java.util.List;

/** Who listens. */
public final class People {

  /** Nineteen names that somebody made up. */
  public static final List<String> MADE_UP =
      List.of(
          "Ada Lindqvist",
          "Bruno Okafor",
          "Chiara Novak",
          "Dmitri Haddad",
          "Elif Sandberg",
          "Farid Kowalski",
          "Greta Moreau",
          "Hiro Castellano",
          "Ines Bergmann",
          "Jonas Adeyemi",
          "Kavya Petrov",
          "Lars Quintana",
          "Mei Fitzgerald",
          "Nadia Olofsson",
          "Omar Vasquez",
          "Priya Lehtinen",
          "Quentin Mbeki",
          "Rosa Yamamoto",
          "Stellan Iyer");

  private People() {}

  /** The made-up names and one more, each once. */
  public static List<String> with(String name) {
    List<String> people = new ArrayList<>(MADE_UP);
    if (!people.contains(name)) {
      people.add(name);
    }
    return List.copyOf(people);
  }
}
