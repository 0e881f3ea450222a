package dev.millrace.worker.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a class whose options are not taken from the environment: a variable that somebody set for
 * another purpose must not decide which dead letters are discarded, or what a manifest gets.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface CommandLineOnly {}
