/** The commands of {@code ./millrace} that concern servers and data of this machine. */
package dev.millrace.launcher.command;
