//! The summary in Markdown: outside of code, and of blocks of it, no text is markup, and every row of a table has the cells of its head.

/// What is left of a line when escapes and code are taken out; code by the rule of `CommonMark` that a run of backticks ends at the next run
/// of the same length.
fn bare(line: &str) -> String {
    let mut bare = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if first == '\\' {
            let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
            rest = &rest[1 + escaped..];
        } else if first == '`' {
            let length = run(rest);
            let (fence, behind) = rest.split_at(length);
            if let Some(end) = closing(behind, length) {
                rest = &behind[end..];
            } else {
                bare.push_str(fence);
                rest = behind;
            }
        } else {
            bare.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    bare
}

/// How many backticks a text begins with.
fn run(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// Behind the run of backticks that ends code.
fn closing(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text[at..].find('`') {
        let found = run(&text[at + next..]);
        at += next + found;
        if found == length {
            return Some(at);
        }
    }
    None
}

/// The cells of a row: a renderer of tables looks for bars before it looks for code.
fn cells(row: &str) -> usize {
    let mut is_escaped = false;
    let bars = row.chars().filter(|character| {
        let is_bar = *character == '|' && !is_escaped;
        is_escaped = *character == '\\' && !is_escaped;
        is_bar
    });
    bars.count()
}

/// The backticks with which a block of code begins: three and more, and no others in what is said of its language.
fn fence(line: &str) -> Option<usize> {
    let length = run(line);
    (length >= 3 && !line[length..].contains('`')).then_some(length)
}

/// Whether a block of code that so many backticks began ends with this line.
fn ends(line: &str, fence: usize) -> bool {
    run(line) >= fence && line.trim_end().bytes().all(|byte| byte == b'`')
}

/// Holds a summary to it.
pub(super) fn keeps_text(page: &str) {
    let mut of_head = None;
    let mut block = None;
    for line in page.lines() {
        assert!(!line.contains(char::is_control), "{line:?}");
        if let Some(open) = block {
            block = Some(open).filter(|open| !ends(line, *open));
            continue;
        }
        block = fence(line);
        if block.is_some() {
            continue;
        }
        let bare = bare(line);
        let is_markup = bare.contains(['<', '>', '[', ']', '@', '~', '`'])
            || bare.contains("://")
            || bare.trim_start_matches('#').contains('#');
        assert!(!is_markup, "{bare:?} of {line:?}");
        if line.starts_with('|') {
            let cells = cells(line);
            assert_eq!(*of_head.get_or_insert(cells), cells, "{line}");
        } else {
            of_head = None;
        }
    }
    assert_eq!(block, None, "a block of code has no end");
}
