/** CSV files, read row by row with the line of each. */
package dev.millrace.simulator.csv;
