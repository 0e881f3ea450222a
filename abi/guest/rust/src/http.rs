//! HTTP to where `allow.http` in the manifest grants it.

use std::time::Duration;

use crate::{decode, encode, host, refused, Header, Refused};

/// A request that is being put together.
pub struct Request<'a> {
    method: &'a str,
    url: &'a str,
    headers: Vec<(&'a str, Option<&'a [u8]>)>,
    body: Option<&'a [u8]>,
    timeout: Duration,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<Header>,
    pub body: Vec<u8>,
}

/// A request without headers and body.
pub fn request<'a>(method: &'a str, url: &'a str) -> Request<'a> {
    Request { method, url, headers: Vec::new(), body: None, timeout: Duration::ZERO }
}

impl<'a> Request<'a> {
    pub fn header(mut self, name: &'a str, value: &'a [u8]) -> Request<'a> {
        self.headers.push((name, Some(value)));
        self
    }

    pub fn body(mut self, body: &'a [u8]) -> Request<'a> {
        self.body = Some(body);
        self
    }

    /// How long to wait; without it, for as long as the invocation has.
    pub fn timeout(mut self, timeout: Duration) -> Request<'a> {
        self.timeout = timeout;
        self
    }

    /// Sends it and waits for the response.
    pub fn send(&self) -> Result<Response, Refused> {
        let headers = if self.headers.is_empty() { Vec::new() } else { encode(&self.headers) };
        let status = host::http(self.method, self.url, &headers, self.body, self.timeout);
        refused(status)?;
        Ok(Response {
            status: status as u16,
            headers: host::answer_headers().map_or_else(Vec::new, |list| decode(&list)),
            body: host::answer(),
        })
    }
}

impl Response {
    /// The first header of a name, which is in lower case, as text.
    pub fn header(&self, name: &str) -> Option<String> {
        let header = self.headers.iter().find(|header| header.name == name)?;
        header.value.as_ref().map(|value| String::from_utf8_lossy(value).into_owned())
    }
}
