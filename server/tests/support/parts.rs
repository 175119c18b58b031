//! Forms in several parts.

use std::fmt::Write as _;

/// The head of such a form.
pub const PARTS: &str = "Content-Type: multipart/form-data; boundary=edge\r\n";

/// The body of a form: its fields, then its files.
pub fn body(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let mut part = String::new();
        write!(part, "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        body.extend_from_slice(part.as_bytes());
    }
    for (name, content) in files {
        let mut head = String::new();
        write!(
            head,
            "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        )
        .unwrap();
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    body
}
