//! Key-value stores of the worker's, granted by `allow.kv` in the manifest.

use std::time::Duration;

use crate::{host, refused, Refused};

const ABSENT: i32 = -1;

/// How long a value is kept that has no end.
pub const FOR_EVER: Duration = Duration::ZERO;

/// One store. Every call waits for its answer.
pub struct Store<'a> {
    name: &'a str,
}

/// Names a store; it asks nothing yet.
pub fn open(store: &str) -> Store<'_> {
    Store { name: store }
}

impl Store<'_> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Refused> {
        match host::kv_get(self.name, key) {
            ABSENT => Ok(None),
            code => refused(code).map(|()| Some(host::answer())),
        }
    }

    /// Gives a key a value, for some time or [`FOR_EVER`].
    pub fn set(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), Refused> {
        refused(host::kv_set(self.name, key, value, ttl))
    }

    /// Removes a key and tells whether it was there.
    pub fn delete(&self, key: &str) -> Result<bool, Refused> {
        told(host::kv_delete(self.name, key))
    }

    /// Sets a key if it has the expected value, `None` for not being there; a value of `None`
    /// removes it. Tells whether it did.
    pub fn compare_and_set(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        ttl: Duration,
    ) -> Result<bool, Refused> {
        told(host::kv_compare_and_set(self.name, key, expected, value, ttl))
    }

    /// Adds to a key's decimal number, 0 if there is none, and answers the sum. The time counts if
    /// the key is created.
    pub fn increment(&self, key: &str, delta: i64, ttl: Duration) -> Result<i64, Refused> {
        let (code, sum) = host::kv_increment(self.name, key, delta, ttl);
        refused(code).map(|()| sum)
    }
}

fn told(code: i32) -> Result<bool, Refused> {
    refused(code).map(|()| code == 1)
}
