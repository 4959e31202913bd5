//! A headless Chromium that is spoken to by the `DevTools` protocol over a pipe: no port, no WebSocket, nothing to install beside it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an answer may take: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser with one page. Its process ends with it.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    number: u64,
    session: Option<String>,
    /// The page that is open.
    target: Option<Value>,
    /// What it told without being asked.
    told: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it. None, said loudly, where there is no Chromium.
    #[expect(clippy::print_stderr, reason = "a skipped test has to be loud")]
    pub fn start() -> Option<Self> {
        let program = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
        let works = Command::new(&program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !works.is_ok_and(|status| status.success()) {
            eprintln!(
                "SKIPPED: no browser, `{}` does not start; install Debian's package chromium, or name one with CHROMIUM",
                program.display()
            );
            return None;
        }
        let profile = TempDir::new().unwrap();
        // The protocol is spoken on the descriptors 3 and 4, which only a shell can give without unsafe code.
        let mut process = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
            ])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(["--no-first-run", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).unwrap_or_default();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Some(Self {
            process,
            commands,
            messages,
            number: 0,
            session: None,
            target: None,
            told: Vec::new(),
            _profile: profile,
        })
    }

    /// Opens a page of so many pixels, light or dark, in the place of the one before, and waits until it is there.
    pub fn open(&mut self, url: &str, width: u32, scheme: &str) {
        self.session = None;
        if let Some(before) = self.target.take() {
            self.call("Target.closeTarget", json!({"targetId": before}));
        }
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", attach);
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        self.target = Some(target["targetId"].clone());
        self.told.clear();
        for domain in ["Page", "Runtime", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        let screen =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", screen);
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", scheme);
        self.call("Page.navigate", json!({"url": url}));
        while !self
            .told
            .iter()
            .any(|told| told["method"] == "Page.loadEventFired")
        {
            let message = self.receive();
            self.told.push(message);
        }
    }

    /// What a script in the page gives.
    pub fn evaluate(&mut self, script: &str) -> Value {
        let script = json!({"expression": script, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", script);
        assert!(answer.get("exceptionDetails").is_none(), "{answer:#}");
        answer["result"]["value"].clone()
    }

    /// Waits until a condition holds in the page, which is looked at again and again.
    pub fn wait_for(&mut self, condition: &str) {
        let most = PATIENCE.as_millis();
        let script = format!(
            "new Promise((done) => {{
                const until = Date.now() + {most};
                const look = () => {{
                    if ({condition}) done(true);
                    else if (Date.now() > until) done(document.body.innerText);
                    else setTimeout(look, 20);
                }};
                look();
            }})"
        );
        let script = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", script);
        assert_eq!(answer["result"]["value"], true, "{condition}: {answer:#}");
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// What the console of the page says: errors, exceptions, and what the page's own policy refused.
    pub fn complaints(&self) -> Vec<String> {
        let complaints = self.told.iter().filter(|told| {
            let method = told["method"].as_str().unwrap_or_default();
            matches!(
                method,
                "Log.entryAdded" | "Runtime.exceptionThrown" | "Runtime.consoleAPICalled"
            )
        });
        complaints.map(|told| told["params"].to_string()).collect()
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut command = json!({"id": self.number, "method": method});
        command["params"] = parameters;
        if let Some(session) = &self.session {
            command["sessionId"] = session.clone().into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).unwrap();
        loop {
            let mut message = self.receive();
            if message["id"] == self.number {
                assert!(message.get("error").is_none(), "{method}: {message:#}");
                return message["result"].take();
            }
            self.told.push(message);
        }
    }

    fn receive(&self) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("the browser answers")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
