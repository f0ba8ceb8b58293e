/** Waiting for servers that are away. Imports nothing of Millrace. */
package dev.millrace.retry;
