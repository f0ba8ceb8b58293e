package dev.millrace.simulator.command;

import dev.millrace.simulator.event.EventSink;
import dev.millrace.simulator.event.TopicSink;
import dev.millrace.simulator.event.TopicSink.Compression;
import picocli.CommandLine.Mixin;

/** What the commands have in common that send messages to a topic. */
abstract class TopicCommand extends EventCommand {

  @Mixin private TopicOptions options;

  abstract String topic();

  abstract Compression compression();

  @Override
  final EventSink openSink() {
    return TopicSink.open(options.target(topic(), compression()));
  }

  @Override
  final String destination() {
    return options.destination(topic());
  }
}
