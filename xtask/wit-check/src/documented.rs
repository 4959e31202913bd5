//! Every item says what it is: the contract is read by people who see nothing else of this repository.

use wit_parser::{Docs, Interface, PackageId, Resolve, TypeDef, TypeDefKind};

/// One line for each item without documentation.
pub(crate) fn problems(resolve: &Resolve, package: PackageId) -> Vec<String> {
    let mut missing = Missing(Vec::new());
    let package = &resolve.packages[package];
    missing.check(&package.docs, &format!("package {}", package.name));
    for (name, world) in &package.worlds {
        missing.check(&resolve.worlds[*world].docs, &format!("world {name}"));
    }
    for (name, interface) in &package.interfaces {
        interface_items(resolve, name, &resolve.interfaces[*interface], &mut missing);
    }
    missing.0
}

struct Missing(Vec<String>);

impl Missing {
    fn check(&mut self, docs: &Docs, item: &str) {
        let said = docs.contents.as_deref().unwrap_or_default();
        if said.trim().is_empty() {
            self.0.push(format!(
                "{item} is not documented\nhint: write a `///` line above it"
            ));
        }
    }
}

fn interface_items(resolve: &Resolve, name: &str, interface: &Interface, missing: &mut Missing) {
    missing.check(&interface.docs, &format!("interface {name}"));
    for (function, item) in &interface.functions {
        missing.check(&item.docs, &format!("function {name}/{function}"));
    }
    for (type_name, id) in &interface.types {
        let item = &resolve.types[*id];
        // A `use` of another interface's type has its documentation there.
        if !matches!(item.kind, TypeDefKind::Type(_)) {
            type_items(&format!("{name}/{type_name}"), item, missing);
        }
    }
}

fn type_items(name: &str, item: &TypeDef, missing: &mut Missing) {
    missing.check(&item.docs, &format!("type {name}"));
    let parts: Vec<(&String, &Docs)> = match &item.kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|f| (&f.name, &f.docs)).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|c| (&c.name, &c.docs)).collect(),
        TypeDefKind::Enum(one) => one.cases.iter().map(|c| (&c.name, &c.docs)).collect(),
        TypeDefKind::Flags(flags) => flags.flags.iter().map(|f| (&f.name, &f.docs)).collect(),
        _ => Vec::new(),
    };
    for (part, docs) in parts {
        missing.check(docs, &format!("{name}.{part}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undocumented(text: &str) -> Vec<String> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("test.wit", text).unwrap();
        problems(&resolve, package)
            .into_iter()
            .map(|problem| problem.split(" is not").next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn an_item_of_every_kind_is_missed() {
        let text = "package a:b@0.1.0;
            interface i { record r { f: u8 } variant v { c } enum e { d } flags g { h } resource s { m: func(); } n: func(); }
            world w { import i; }";
        let expected = [
            "package a:b@0.1.0",
            "world w",
            "interface i",
            "function i/[method]s.m",
            "function i/n",
            "type i/r",
            "i/r.f",
            "type i/v",
            "i/v.c",
            "type i/e",
            "i/e.d",
            "type i/g",
            "i/g.h",
            "type i/s",
        ];
        assert_eq!(undocumented(text), expected);
    }

    #[test]
    fn a_documented_contract_has_no_problem() {
        let text = "/// P.\npackage a:b@0.1.0;\n/// I.\ninterface i {\n/// F.\nf: func(); }\n/// J.\ninterface j {\n/// T.\nrecord t {\n/// X.\nx: u8 } }\n/// W.\nworld w { use j.{t}; import i; }";
        assert_eq!(undocumented(text), [""; 0]);
    }
}
