package dev.millrace.pipeline.batch;

import java.util.function.Supplier;

/** Makes a value when it is first asked for. For one thread. */
public final class Lazy<T> implements Supplier<T> {

  private final Supplier<T> maker;
  private T value;

  public Lazy(Supplier<T> maker) {
    this.maker = maker;
  }

  @Override
  public T get() {
    if (value == null) {
      value = maker.get();
    }
    return value;
  }
}
