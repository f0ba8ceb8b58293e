/** Batches as folders of files, each published by one rename. */
package dev.millrace.sink.file;
