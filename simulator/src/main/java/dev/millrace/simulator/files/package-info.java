/** Small CSV files, dropped into a folder one by one. */
package dev.millrace.simulator.files;
