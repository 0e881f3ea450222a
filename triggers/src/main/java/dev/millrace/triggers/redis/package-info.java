/**
 * Everything Redis: the trigger, the publisher and the dead-letter sink. Nothing else imports
 * jedis.
 */
@NullMarked
package dev.millrace.triggers.redis;

import org.jspecify.annotations.NullMarked;
