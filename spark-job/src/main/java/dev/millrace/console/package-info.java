/** What is printed for a person while a run works. Imports nothing of Millrace. */
package dev.millrace.console;
