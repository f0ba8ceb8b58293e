/** Every message that a user can meet. Imports no other package of Millrace. */
package dev.millrace.error;
