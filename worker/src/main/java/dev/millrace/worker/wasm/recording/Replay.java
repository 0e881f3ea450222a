package dev.millrace.worker.wasm.recording;

import dev.millrace.worker.dispatch.Invocation;
import java.util.Optional;

/**
 * What came of an attempt that was run again as it was recorded.
 *
 * @param result how it went this time
 * @param divergence the first way in which the guest asked its host for something else than it did
 *     when it was recorded; empty if it asked for the same
 * @param onlyLength whether all that differs is how long it went on asking, which is no wonder
 *     where a timeout ended it
 * @param beyondCut whether it asked for more than was kept of the recording, so that its last
 *     answers were not the recorded ones
 */
public record Replay(
    Invocation.Result result, Optional<String> divergence, boolean onlyLength, boolean beyondCut) {}
