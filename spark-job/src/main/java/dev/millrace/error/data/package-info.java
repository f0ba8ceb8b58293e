/** What is wrong with a message, a file or a value of it, as its dead letter states it. */
package dev.millrace.error.data;
