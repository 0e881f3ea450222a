//! Answers a name with a greeting.

use millrace::{Event, Failure};

fn hello(event: &Event) -> Result<String, Failure> {
    let name = event.text()?;
    if name.is_empty() {
        return Err(Failure::reject("no name"));
    }
    millrace::info!("attempt {}", event.attempt());
    Ok(format!("hello {}", name))
}

millrace::handler!(hello);
