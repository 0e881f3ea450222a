/**
 * HTTP requests of guests: where they may go, and how much may come back. Nothing else imports the
 * HTTP client. A request runs on a virtual thread of its own; the guest's thread waits for it and
 * gives it up when it is interrupted.
 */
@NullMarked
package dev.millrace.worker.http;

import org.jspecify.annotations.NullMarked;
