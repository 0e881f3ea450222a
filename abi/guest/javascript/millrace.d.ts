// What JavaScript functions of Millrace import and find. For editors and for tsc: a TypeScript
// function is compiled, or bundled, to one .js file that the manifest names under `script`.

declare module "millrace" {
  /** Bytes, or a text that is written as UTF-8. */
  export type Bytes = string | Uint8Array | ArrayBuffer;

  /** One transport header. A name may occur more than once, and a value may be absent. */
  export interface Header {
    readonly name: string;
    readonly value: Uint8Array | null;
  }

  /** The event of an invocation, read from the worker when it is asked for. */
  export interface Event {
    /** The same on every redelivery: a key for what must happen once. */
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly subject: string | null;
    readonly time: Date;
    /** The transport's key, by which order is kept. */
    readonly key: Uint8Array | null;
    /** null where the source carried none, as a Kafka tombstone does. */
    readonly data: Uint8Array | null;
    /** The transport's headers, in their order. */
    readonly headers: Header[];
    /** All attributes by name. */
    readonly attributes: Record<string, string>;
    /** Which attempt this is, from 1. */
    readonly attempt: number;
    /** The manifest's name of the trigger. */
    readonly trigger: string;
    /** The data as text; rejects an event without data. */
    text(): string;
    /** The data as JSON; rejects what is none. */
    json(): any;
    /** The first header of a name as text; null where there is none. */
    header(name: string): string | null;
    /** A CloudEvents attribute (`kafkatopic`, `redischannel`, …), `attempt`, `trigger` or `function`. */
    attribute(name: string): string | null;
  }

  /**
   * What `handle` returns, or promises: a text, bytes, a value that becomes JSON, or nothing for no
   * reply.
   */
  export type Reply = Bytes | object | number | boolean | null | undefined | void;

  /** Throw it to be called again, by the trigger's back-off or after some milliseconds. */
  export class Retry extends Error {
    constructor(reason?: string, afterMillis?: number);
    readonly afterMillis?: number;
  }

  /** Throw it for an event that will never work: it becomes a dead letter at once. */
  export class Reject extends Error {
    constructor(reason?: string);
  }

  /** The worker did not do what it was asked for; the manifest or the script must change. */
  export class Refused extends Reject {
    readonly code: "DENIED" | "TOO_LARGE" | "INVALID";
  }

  /** The other side of a `kv` or `http` call did not answer; uncaught, it asks for a retry. */
  export class Unavailable extends Retry {}

  /** A value of the function's `config`, secrets included. */
  export function config(name: string): string | null;

  /**
   * Publishes to a destination as the manifest writes it: `events/orders.charged`. The message is
   * sent when the function has succeeded, and confirmed before the event is acknowledged; a failed
   * attempt publishes nothing. Data of null is a tombstone.
   */
  export function publish(
    to: string,
    data: Bytes | object | number | boolean | null,
    options?: {
      key?: Bytes | null;
      headers?: Record<string, Bytes | null> | Iterable<readonly [string, Bytes | null]> | Header[];
    },
  ): void;

  /**
   * Claims a key of up to 512 bytes, so that what it stands for is done once: `first` is yours to
   * do, `done` was done before, at `busy` another event is at it, so throw Retry. It counts as done
   * for `ttlMillis` from the moment this event is. Needs `allow.once`.
   */
  export function once(key: string, ttlMillis: number): "first" | "done" | "busy";

  /** A key-value store of the worker's, granted by `allow.kv`. A `ttlMillis` of 0 is for ever. */
  export interface Store {
    get(key: string): Uint8Array | null;
    /** The value as text. */
    text(key: string): string | null;
    set(key: string, value: Bytes | object | number | boolean, options?: { ttlMillis?: number }): void;
    /** Whether the key was there. */
    delete(key: string): boolean;
    /**
     * Sets the key if it has the expected value, null for not being there; a value of null removes
     * it. Whether it did.
     */
    compareAndSet(
      key: string,
      expected: Bytes | null,
      value: Bytes | object | number | boolean | null,
      options?: { ttlMillis?: number },
    ): boolean;
    /** Adds to the key's decimal number, 0 if there is none, and gives the sum. */
    increment(key: string, delta?: number, options?: { ttlMillis?: number }): number;
    increment(key: string, delta: bigint, options?: { ttlMillis?: number }): bigint;
  }

  export const kv: { open(store?: string): Store };

  export interface Response {
    readonly status: number;
    /** Whether the status is 200 to 299. */
    readonly ok: boolean;
    /** Names are in lower case. */
    readonly headers: Header[];
    readonly data: Uint8Array;
    header(name: string): string | null;
    text(): string;
    json(): any;
  }

  /** HTTP to where `allow.http` grants it. Waits for the response, whatever its status. */
  export const http: {
    request(
      url: string,
      options?: {
        method?: string;
        headers?: Record<string, Bytes> | Iterable<readonly [string, Bytes]> | Header[];
        body?: Bytes | object | number | boolean | null;
        /** 0, the default, is for as long as the invocation has. */
        timeoutMillis?: number;
      },
    ): Response;
  };

  /** Milliseconds until the invocation is stopped. */
  export function deadline(): number;

  /**
   * Says that the invocation lives, which gives it `limits.timeout` from now on, up to
   * `limits.max_duration`. Milliseconds until it is stopped.
   */
  export function heartbeat(percent?: number, message?: string): number;

  /** One line each; values that are no text are written as JSON. */
  export const log: {
    debug(...values: unknown[]): void;
    info(...values: unknown[]): void;
    warn(...values: unknown[]): void;
    error(...values: unknown[]): void;
    /** A line with fields: `INFO charged order=o-1`. */
    fields(
      level: "debug" | "info" | "warn" | "error",
      message: string,
      fields: Record<string, unknown>,
    ): void;
  };
}

/** The log, by the names that scripts are used to; `log` is `info`, `trace` is `debug`. */
declare const console: {
  trace(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
};

declare const crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
};

/** UTF-8 only. */
declare class TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array;
}

/** UTF-8 only. */
declare class TextDecoder {
  constructor(label?: "utf-8" | "utf8");
  readonly encoding: "utf-8";
  decode(bytes?: Uint8Array | ArrayBuffer): string;
}
