/** Reads one value of a message as its column's type, or reports why it can't. */
package dev.millrace.decode.column;
