/**
 * What a pipeline keeps next to the checkpoints of its queries, and the checks of what an earlier
 * run left there.
 *
 * <p>Imports no other package of the pipeline.
 */
package dev.millrace.pipeline.checkpoint;
