package dev.millrace.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryMarkTest {

  private final DeliveryMark mark = new DeliveryMark(7, 100);

  @Test
  void coversItsBatchAndThoseBefore() {
    assertThat(mark.covers(6)).isTrue();
    assertThat(mark.covers(7)).isTrue();
    assertThat(mark.covers(8)).isFalse();
  }

  @Test
  void doesNotCoverALaterBatchOfLowerOffsetsButContradictsIt() {
    assertThat(mark.covers(8)).isFalse();
    assertThat(mark.contradicts(8, 3)).isTrue();
    assertThat(mark.contradicts(8, 100)).isFalse();
    assertThat(mark.contradicts(8, 120)).isFalse();
    assertThat(mark.contradicts(7, 3)).isFalse();
  }

  @Test
  void isReadAsItWasWritten() {
    assertThat(DeliveryMark.parse(mark.toText())).isEqualTo(mark);
    assertThat(mark.toText()).isEqualTo("7 100");
  }
}
