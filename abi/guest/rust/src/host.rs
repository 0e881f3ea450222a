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
        pub fn deadline_ms() -> i64;
        pub fn once(key: *const u8, length: usize, ttl_millis: i64) -> i32;
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
    let millis = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    unsafe { import::retry_after(millis) }
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

pub fn once(key: &str, ttl: Duration) -> i32 {
    let millis = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
    unsafe { import::once(key.as_ptr(), key.len(), millis) }
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
