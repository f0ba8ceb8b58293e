/**
 * Commands: flags become overrides, errors become messages and exit codes. May import {@code
 * config}, {@code error} and the entry points of {@code pipeline}.
 */
package dev.millrace.cli;
