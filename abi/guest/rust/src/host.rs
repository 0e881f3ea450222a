//! The imports of module `millrace`, and the way they hand over bytes: the guest offers a buffer,
//! the worker fills what fits and answers the whole size, or -1 for nothing there.

use std::time::Duration;

const FIRST_BUFFER: usize = 1024;

mod import {
    #[link(wasm_import_module = "millrace")]
    extern "C" {
        pub fn data_read(to: *mut u8, capacity: usize, offset: usize) -> i32;
        pub fn attribute_read(name: *const u8, length: usize, to: *mut u8, capacity: usize) -> i32;
        pub fn attributes_read(to: *mut u8, capacity: usize) -> i32;
        pub fn key_read(to: *mut u8, capacity: usize) -> i32;
        pub fn headers_read(to: *mut u8, capacity: usize) -> i32;
        pub fn config_read(name: *const u8, length: usize, to: *mut u8, capacity: usize) -> i32;
        pub fn reply_write(from: *const u8, length: usize) -> i32;
        pub fn reason_write(from: *const u8, length: usize) -> i32;
        pub fn retry_after(millis: i64);
        pub fn publish(
            to: *const u8,
            to_length: usize,
            key: *const u8,
            key_length: i32,
            headers: *const u8,
            headers_length: usize,
            data: *const u8,
            data_length: i32,
        ) -> i32;
        pub fn log(level: i32, from: *const u8, length: usize);
        pub fn log_fields(
            level: i32,
            from: *const u8,
            length: usize,
            fields: *const u8,
            fields_length: usize,
        ) -> i32;
        pub fn heartbeat(percent: i32, message: *const u8, length: usize) -> i64;
        pub fn deadline_ms() -> i64;
        pub fn once(key: *const u8, length: usize, ttl_millis: i64) -> i32;
        pub fn kv_get(store: *const u8, store_length: usize, key: *const u8, length: usize) -> i32;
        pub fn kv_set(
            store: *const u8,
            store_length: usize,
            key: *const u8,
            length: usize,
            value: *const u8,
            value_length: usize,
            ttl_millis: i64,
        ) -> i32;
        pub fn kv_delete(
            store: *const u8,
            store_length: usize,
            key: *const u8,
            length: usize,
        ) -> i32;
        pub fn kv_compare_and_set(
            store: *const u8,
            store_length: usize,
            key: *const u8,
            length: usize,
            expected: *const u8,
            expected_length: i32,
            value: *const u8,
            value_length: i32,
            ttl_millis: i64,
        ) -> i32;
        pub fn kv_increment(
            store: *const u8,
            store_length: usize,
            key: *const u8,
            length: usize,
            delta: i64,
            ttl_millis: i64,
            sum: *mut i64,
        ) -> i32;
        pub fn http(
            method: *const u8,
            method_length: usize,
            url: *const u8,
            url_length: usize,
            headers: *const u8,
            headers_length: usize,
            body: *const u8,
            body_length: i32,
            timeout_millis: i64,
        ) -> i32;
        pub fn answer_read(to: *mut u8, capacity: usize, offset: usize) -> i32;
        pub fn answer_headers_read(to: *mut u8, capacity: usize) -> i32;
    }
}

pub fn data() -> Option<Vec<u8>> {
    read(|to, capacity| unsafe { import::data_read(to, capacity, 0) })
}

pub fn attribute(name: &str) -> Option<Vec<u8>> {
    read(|to, capacity| unsafe { import::attribute_read(name.as_ptr(), name.len(), to, capacity) })
}

pub fn attributes() -> Vec<u8> {
    read(|to, capacity| unsafe { import::attributes_read(to, capacity) }).unwrap_or_default()
}

pub fn key() -> Option<Vec<u8>> {
    read(|to, capacity| unsafe { import::key_read(to, capacity) })
}

pub fn headers() -> Vec<u8> {
    read(|to, capacity| unsafe { import::headers_read(to, capacity) }).unwrap_or_default()
}

pub fn config(name: &str) -> Option<Vec<u8>> {
    read(|to, capacity| unsafe { import::config_read(name.as_ptr(), name.len(), to, capacity) })
}

pub fn reply(data: &[u8]) -> i32 {
    unsafe { import::reply_write(data.as_ptr(), data.len()) }
}

pub fn reason(text: &str) -> i32 {
    unsafe { import::reason_write(text.as_ptr(), text.len()) }
}

pub fn retry_after(after: Duration) {
    unsafe { import::retry_after(millis(after)) }
}

pub fn publish(to: &str, key: Option<&[u8]>, headers: &[u8], data: Option<&[u8]>) -> i32 {
    let (key, key_length) = optional(key);
    let (data, data_length) = optional(data);
    unsafe {
        import::publish(
            to.as_ptr(),
            to.len(),
            key,
            key_length,
            headers.as_ptr(),
            headers.len(),
            data,
            data_length,
        )
    }
}

pub fn log(level: i32, line: &str) {
    unsafe { import::log(level, line.as_ptr(), line.len()) }
}

pub fn log_fields(level: i32, line: &str, fields: &[u8]) -> i32 {
    unsafe {
        import::log_fields(level, line.as_ptr(), line.len(), fields.as_ptr(), fields.len())
    }
}

pub fn heartbeat(percent: i32, message: &str) -> i64 {
    unsafe { import::heartbeat(percent, message.as_ptr(), message.len()) }
}

pub fn once(key: &str, ttl: Duration) -> i32 {
    unsafe { import::once(key.as_ptr(), key.len(), millis(ttl)) }
}

pub fn kv_get(store: &str, key: &str) -> i32 {
    unsafe { import::kv_get(store.as_ptr(), store.len(), key.as_ptr(), key.len()) }
}

pub fn kv_set(store: &str, key: &str, value: &[u8], ttl: Duration) -> i32 {
    unsafe {
        import::kv_set(
            store.as_ptr(),
            store.len(),
            key.as_ptr(),
            key.len(),
            value.as_ptr(),
            value.len(),
            millis(ttl),
        )
    }
}

pub fn kv_delete(store: &str, key: &str) -> i32 {
    unsafe { import::kv_delete(store.as_ptr(), store.len(), key.as_ptr(), key.len()) }
}

pub fn kv_compare_and_set(
    store: &str,
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
    ttl: Duration,
) -> i32 {
    let (expected, expected_length) = optional(expected);
    let (value, value_length) = optional(value);
    unsafe {
        import::kv_compare_and_set(
            store.as_ptr(),
            store.len(),
            key.as_ptr(),
            key.len(),
            expected,
            expected_length,
            value,
            value_length,
            millis(ttl),
        )
    }
}

pub fn kv_increment(store: &str, key: &str, delta: i64, ttl: Duration) -> (i32, i64) {
    let mut sum = 0;
    let code = unsafe {
        import::kv_increment(
            store.as_ptr(),
            store.len(),
            key.as_ptr(),
            key.len(),
            delta,
            millis(ttl),
            &mut sum,
        )
    };
    (code, sum)
}

pub fn http(
    method: &str,
    url: &str,
    headers: &[u8],
    body: Option<&[u8]>,
    timeout: Duration,
) -> i32 {
    let (body, body_length) = optional(body);
    unsafe {
        import::http(
            method.as_ptr(),
            method.len(),
            url.as_ptr(),
            url.len(),
            headers.as_ptr(),
            headers.len(),
            body,
            body_length,
            millis(timeout),
        )
    }
}

pub fn answer() -> Vec<u8> {
    read(|to, capacity| unsafe { import::answer_read(to, capacity, 0) }).unwrap_or_default()
}

pub fn answer_headers() -> Option<Vec<u8>> {
    read(|to, capacity| unsafe { import::answer_headers_read(to, capacity) })
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

pub fn time_left() -> Duration {
    Duration::from_millis(u64::try_from(unsafe { import::deadline_ms() }).unwrap_or(0))
}

fn optional(bytes: Option<&[u8]>) -> (*const u8, i32) {
    match bytes {
        Some(bytes) => (bytes.as_ptr(), bytes.len() as i32),
        None => (std::ptr::null(), -1),
    }
}

/// Calls once with a small buffer, and again with a fitting one if that was too small.
fn read(call: impl Fn(*mut u8, usize) -> i32) -> Option<Vec<u8>> {
    let mut buffer = vec![0; FIRST_BUFFER];
    let mut size = usize::try_from(call(buffer.as_mut_ptr(), buffer.len())).ok()?;
    if size > buffer.len() {
        buffer.resize(size, 0);
        size = usize::try_from(call(buffer.as_mut_ptr(), buffer.len())).ok()?;
    }
    buffer.truncate(size);
    Some(buffer)
}
