package dev.millrace.view.table;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a function makes of each element, one element at a time. */
public final class FlatIterator<A, B> implements Iterator<B> {

  private final Iterator<A> elements;
  private final BiConsumer<A, Consumer<B>> function;
  private final Deque<B> made = new ArrayDeque<>();

  public FlatIterator(Iterator<A> elements, BiConsumer<A, Consumer<B>> function) {
    this.elements = elements;
    this.function = function;
  }

  @Override
  public boolean hasNext() {
    while (made.isEmpty() && elements.hasNext()) {
      function.accept(elements.next(), made::add);
    }
    return !made.isEmpty();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return made.remove();
  }
}
