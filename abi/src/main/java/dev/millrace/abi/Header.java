package dev.millrace.abi;

import org.jspecify.annotations.Nullable;

/**
 * One transport header, kept byte for byte. A name may occur more than once, and a value may be
 * absent.
 *
 * @param name the header's name
 * @param value the raw bytes, not copied; {@code null} where the transport carried a null value
 */
public record Header(String name, byte @Nullable [] value) {}
