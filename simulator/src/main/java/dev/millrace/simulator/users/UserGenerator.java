package dev.millrace.simulator.users;

import dev.millrace.simulator.event.RandomIdentifiers;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import net.datafaker.Faker;

/** Draws users without end: a function of the seed alone. */
public final class UserGenerator implements Iterator<User> {

  private static final LocalDate FIRST_BIRTHDAY = LocalDate.of(1945, 1, 1);
  private static final int DAYS_OF_BIRTH = 22_000;
  private static final Instant FIRST_REGISTRATION = Instant.parse("2015-01-01T00:00:00Z");
  private static final int SECONDS_OF_REGISTRATION = 300_000_000;
  private static final int PICTURES = 100;

  private final Random random;
  private final Faker faker;

  public UserGenerator(long seed) {
    random = new Random(seed);
    faker = new Faker(Locale.US, random);
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public User next() {
    UUID id = RandomIdentifiers.uuid(random);
    boolean isWoman = random.nextBoolean();
    String firstName = isWoman ? faker.name().femaleFirstName() : faker.name().maleFirstName();
    String lastName = faker.name().lastName();
    // Digits of the id: namesakes are common.
    String username =
        (firstName + '.' + lastName + '.' + id.toString().substring(0, 4))
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9.]", "");
    return new User(
        id,
        firstName,
        lastName,
        isWoman ? "female" : "male",
        "%s, %s, %s"
            .formatted(
                faker.address().streetAddress(), faker.address().city(), faker.address().state()),
        faker.address().zipCode(),
        username + "@example.com",
        username,
        FIRST_BIRTHDAY.plusDays(random.nextInt(DAYS_OF_BIRTH)),
        FIRST_REGISTRATION.plusSeconds(random.nextInt(SECONDS_OF_REGISTRATION)),
        faker.phoneNumber().phoneNumber(),
        "https://example.com/portraits/%s/%d.jpg"
            .formatted(isWoman ? "women" : "men", random.nextInt(PICTURES)));
  }
}
