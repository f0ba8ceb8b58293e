package dev.millrace.pipeline.checkpoint;

/** What a run may do once that would otherwise be an error, because a person has agreed to it. */
public enum Acceptance {
  /** Continue after messages that were deleted before they were read. */
  DATA_LOSS,
  /** Finish a batch with another definition than it was begun with. */
  NEW_DEFINITION
}
