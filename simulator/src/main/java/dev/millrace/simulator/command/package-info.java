/** The command {@code simulate}, and those below it. */
package dev.millrace.simulator.command;
