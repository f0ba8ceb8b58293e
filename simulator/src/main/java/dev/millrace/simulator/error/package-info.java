/** Every message that a user of the simulator can meet is made here. */
package dev.millrace.simulator.error;
