/**
 * The commands on a pipeline's checkpoints and state: preview, query, verify, rebuild, reset.
 *
 * <p>Imports the pipeline, which knows nothing of them.
 */
package dev.millrace.pipeline.command;
