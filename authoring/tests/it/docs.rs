//! What the guide and the cookbook show is what is compiled and run: no example is there twice, once in a page and once in truth.

use std::{collections::BTreeMap, fs, path::Path};

const COOKBOOK: &str = "docs/cookbook.md";
const GUIDE: &str = "docs/writing-a-suite.md";
const PYTHON: &str = "docs/writing-a-suite-in-python.md";
/// What an author reads first of the SDK for Python.
const PYTHON_SDK: &str = "sdk/python/assay/__init__.py";
/// Built by `cargo xtask plugins --fixtures`, and run by a test of the host.
const RECIPES: &str = "host/tests/fixtures/cookbook/src";
/// Built by the tests beside this one, and run by one of the host.
const TEMPLATE: &str = "authoring/templates/rust/lib.rs";

fn read(path: &str) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(repository.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A block of code of a page: the comment before it, the language, the lines.
struct Block {
    mark: String,
    language: String,
    code: String,
    line: usize,
}

fn blocks(path: &str) -> Vec<Block> {
    let text = read(path);
    let mut lines = text.lines().enumerate();
    let (mut blocks, mut before) = (Vec::new(), "");
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            before = line;
            continue;
        };
        let code = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```");
        let mark = before
            .strip_prefix("<!-- ")
            .and_then(|mark| mark.strip_suffix(" -->"));
        blocks.push(Block {
            mark: mark.unwrap_or_default().to_owned(),
            language: language.to_owned(),
            code: code.collect::<Vec<_>>().join("\n"),
            line: number + 1,
        });
    }
    blocks
}

/// The parts of the suite that are recipes, by name.
fn recipes() -> BTreeMap<String, String> {
    let mut recipes = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(RECIPES);
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(name) = line.strip_prefix("// [recipe: ") else {
                continue;
            };
            let name = name
                .strip_suffix(']')
                .expect("a recipe's mark ends with `]`");
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| *line != "// [end]")
                .collect();
            let before = recipes.insert(name.to_owned(), code.join("\n"));
            assert!(before.is_none(), "two recipes are called `{name}`");
        }
    }
    recipes
}

#[test]
fn every_example_in_rust_is_a_recipe_or_a_part_of_the_template() {
    let (recipes, template) = (recipes(), read(TEMPLATE));
    let mut wrong = Vec::new();
    for page in [COOKBOOK, GUIDE] {
        for block in blocks(page).iter().filter(|block| block.language == "rust") {
            let is_empty = block.code.trim().is_empty();
            let holds = !is_empty
                && match block.mark.split_once(": ") {
                    Some(("recipe", name)) => recipes.get(name) == Some(&block.code),
                    _ if block.mark == "of the template" => template.contains(&block.code),
                    _ => false,
                };
            if !holds {
                wrong.push(format!("{page}:{}: <!-- {} -->", block.line, block.mark));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "other than in the source, or without a mark:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_recipe_is_in_the_cookbook_once() {
    let mut shown: Vec<String> = blocks(COOKBOOK)
        .iter()
        .filter_map(|block| block.mark.strip_prefix("recipe: ").map(str::to_owned))
        .collect();
    shown.sort();
    let written: Vec<String> = recipes().into_keys().collect();
    assert_eq!(shown, written);
}

#[test]
fn every_example_of_a_configuration_can_be_read() {
    let pages = [COOKBOOK, GUIDE].map(blocks);
    let mut seen = 0;
    for block in pages
        .iter()
        .flatten()
        .filter(|block| block.language == "toml")
    {
        let table: Result<toml::Table, _> = block.code.parse();
        assert!(table.is_ok(), "line {}: {table:?}", block.line);
        seen += 1;
    }
    assert!(seen > 0, "there are such examples");
}

#[test]
fn an_empty_example_holds_nothing() {
    for page in [COOKBOOK, GUIDE, PYTHON] {
        for block in blocks(page) {
            let is_empty = block.code.trim().is_empty();
            assert!(!is_empty, "{page}:{}: an empty block", block.line);
        }
    }
    for (name, code) in recipes() {
        assert!(!code.trim().is_empty(), "`{name}` is empty");
    }
}

/// The lines of the text at the top of the SDK for Python that are set in, as Python reads them and without blank ones.
fn python_of_the_sdk() -> Vec<String> {
    let text = read(PYTHON_SDK);
    let lines = text.lines().skip(1);
    let suite = lines.take_while(|line| !line.starts_with("- "));
    let code = suite.filter_map(|line| line.strip_prefix("    "));
    code.map(|line| line.replace("\\\"", "\"")).collect()
}

#[test]
fn the_suite_in_python_is_that_of_the_sdk() {
    let written: Vec<_> = blocks(PYTHON)
        .into_iter()
        .filter(|block| block.language == "python")
        .collect();
    let [block] = &written[..] else {
        panic!("{} examples in Python", written.len())
    };
    let shown: Vec<_> = block.code.lines().filter(|line| !line.is_empty()).collect();
    let mut expected = python_of_the_sdk();
    expected.retain(|line| !line.is_empty());
    assert!(!expected.is_empty());
    // A check that the page does not use is imported there.
    let names = |line: &str| line.replace(" check, check_eq,", " check_eq,");
    let expected: Vec<_> = expected.iter().map(|line| names(line)).collect();
    assert_eq!(shown, expected);
}

#[test]
fn an_example_is_code_configuration_or_commands() {
    for block in [COOKBOOK, GUIDE].map(blocks).iter().flatten() {
        let known = ["rust", "toml", "console"].contains(&block.language.as_str());
        assert!(
            known,
            "line {}: `{}` is held by no test",
            block.line, block.language
        );
    }
}
