/**
 * Finds names and values in a message's JSON without an object for any of them. Imports no other
 * package.
 */
package dev.millrace.decode.json;
