/** Made-up users. */
package dev.millrace.simulator.users;
