/** Folders of files, each file read once, as a whole. */
package dev.millrace.source.file;
