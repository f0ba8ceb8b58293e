/**
 * The store that keeps a view's state: versions of ordered bytes, one version a batch.
 *
 * <p>The only package that knows Spark's classes for state. It imports {@code error} and nothing
 * else of this project.
 */
package dev.millrace.state;
