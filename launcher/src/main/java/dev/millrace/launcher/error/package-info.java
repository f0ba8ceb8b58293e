/** Every message of the commands that a user can meet is made here. */
package dev.millrace.launcher.error;
