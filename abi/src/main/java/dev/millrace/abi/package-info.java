/**
 * What host and guest agree on: events, replies, messages, and the names, numbers and codecs of the
 * guest ABIs.
 *
 * <p>Depends on nothing. No thread of its own; every type is immutable unless it says otherwise.
 */
@NullMarked
package dev.millrace.abi;

import org.jspecify.annotations.NullMarked;
