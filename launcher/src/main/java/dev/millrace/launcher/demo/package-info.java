/**
 * What {@code ./millrace demo} plays: a {@link dev.millrace.launcher.demo.DemoScenario} on a {@link
 * dev.millrace.launcher.demo.DemoStage}, a stack of its own.
 */
package dev.millrace.launcher.demo;
