package dev.millrace.worker.manifest;

/**
 * Data that the manifest spells out: a text as its UTF-8 bytes, anything else as JSON.
 *
 * @param bytes not copied; nobody may write to them
 * @param contentType {@code text/plain} or {@code application/json}
 */
public record Payload(byte[] bytes, String contentType) {}
