//! What can be said of a template before anybody is sent it: which variables it uses, and the texts it can become.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Body, Business, Comparison, Condition, Expression, Filter, Node, Operand, Recipient, Variable,
    render::{Reading, Renderer},
};

/// A variable that a template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub variable: Variable,
    /// A recipient of whom it is not known gets no text: it is written somewhere without a default, and no condition makes sure of it.
    pub needed: bool,
}

impl Body {
    /// Its variables in the order of their names.
    pub fn variables(&self) -> Vec<Usage> {
        let mut used = BTreeMap::new();
        collect(&self.nodes, &BTreeSet::new(), &mut used);
        used.into_iter().map(|(variable, needed)| Usage { variable: variable.clone(), needed }).collect()
    }

    /// The variables that are written as a day or time, so that only such values fit.
    pub fn moments(&self) -> BTreeSet<&Variable> {
        let mut found = BTreeSet::new();
        moments(&self.nodes, &mut found);
        found
    }

    /// The texts it can become, with what is known of a contact and with the defaults. Not every combination of its conditionals, whose
    /// number has no end, but every piece of text is in one of them, beside what it stands beside.
    pub fn readings(&self, business: &Business<'_>) -> Vec<String> {
        let custom = BTreeMap::new();
        let sample = Recipient {
            first_name: Some("Ana"),
            last_name: Some("Reed"),
            email: Some("ana@example.com"),
            postal_code: Some("33101"),
            ..Recipient::nobody(business, &custom)
        };
        let mut texts: Vec<String> = Vec::new();
        for unknown in [false, true] {
            let renderer = Renderer { body: self, who: &sample, reading: Some(Reading { unknown }) };
            for text in alternatives(&self.nodes, &renderer) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        texts
    }
}

/// What a run of nodes can read: each of its conditionals goes through its cases, all of them at once.
fn alternatives<'a>(nodes: &'a [Node], renderer: &Renderer<'a>) -> Vec<String> {
    let each: Vec<Vec<String>> = nodes
        .iter()
        .map(|node| match node {
            Node::If(arms, rest) => {
                let cases = arms.iter().map(|(_, nodes)| nodes).chain([rest]);
                cases.flat_map(|nodes| alternatives(nodes, renderer)).collect()
            }
            piece => {
                let mut text = String::new();
                // Nothing is missing in a reading.
                let _ = renderer.nodes(std::slice::from_ref(piece), &mut text);
                vec![text]
            }
        })
        .collect();
    let most = each.iter().map(Vec::len).max().unwrap_or(1);
    (0..most).map(|n| each.iter().map(|one| one[n % one.len()].as_str()).collect()).collect()
}

fn moments<'a>(nodes: &'a [Node], found: &mut BTreeSet<&'a Variable>) {
    for node in nodes {
        match node {
            Node::Text(_) | Node::Link(_) => {}
            Node::Value(Expression { operand: Operand::Variable(variable), filters }) => {
                if filters.iter().any(|filter| matches!(filter, Filter::Moment(_))) {
                    found.insert(variable);
                }
            }
            Node::Value(_) => {}
            Node::If(arms, rest) => {
                arms.iter().for_each(|(_, nodes)| moments(nodes, found));
                moments(rest, found);
            }
        }
    }
}

type Used<'a> = BTreeMap<&'a Variable, bool>;

fn collect<'a>(nodes: &'a [Node], sure: &BTreeSet<&'a Variable>, used: &mut Used<'a>) {
    for node in nodes {
        match node {
            Node::Text(_) | Node::Link(_) => {}
            Node::Value(expression) => written(expression, sure, used),
            Node::If(arms, rest) => {
                for (condition, nodes) in arms {
                    asked(condition, used);
                    let mut sure = sure.clone();
                    makes_sure(condition, &mut sure);
                    collect(nodes, &sure, used);
                }
                collect(rest, sure, used);
            }
        }
    }
}

/// The variables of an expression in the order in which they take each other's place, and whether a text stands at the end.
fn written<'a>(expression: &'a Expression, sure: &BTreeSet<&'a Variable>, used: &mut Used<'a>) {
    let defaults = expression.filters.iter().filter_map(|filter| match filter {
        Filter::Default(operand) => Some(operand),
        _ => None,
    });
    let chain: Vec<&Operand> = std::iter::once(&expression.operand).chain(defaults).collect();
    let held = chain.iter().any(|operand| match operand {
        Operand::Literal(_) => true,
        Operand::Variable(variable) => sure.contains(variable) || *variable == Variable::Now,
    });
    for operand in chain {
        if let Operand::Variable(variable) = operand {
            *used.entry(variable).or_default() |= !held;
        }
    }
}

fn asked<'a>(condition: &'a Condition, used: &mut Used<'a>) {
    let mut name = |expression: &'a Expression| {
        if let Operand::Variable(variable) = &expression.operand {
            used.entry(variable).or_default();
        }
    };
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter().for_each(|one| asked(one, used)),
        Condition::Not(one) => asked(one, used),
        Condition::Tag(_) => {}
        Condition::Present(expression) => name(expression),
        Condition::Compare(left, _, right) => [left, right].into_iter().for_each(name),
    }
}

/// Adds the variables that are known of whoever the condition holds for.
fn makes_sure<'a>(condition: &'a Condition, sure: &mut BTreeSet<&'a Variable>) {
    let mut known = |expression: &'a Expression| {
        let defaulted = expression.filters.iter().any(|filter| matches!(filter, Filter::Default(_)));
        if let Operand::Variable(variable) = &expression.operand
            && !defaulted
        {
            sure.insert(variable);
        }
    };
    match condition {
        Condition::All(all) => all.iter().for_each(|one| makes_sure(one, sure)),
        Condition::Present(expression) => known(expression),
        Condition::Compare(_, Comparison::NotEqual, _) => {}
        Condition::Compare(left, _, right) => [left, right].into_iter().for_each(known),
        Condition::Any(_) | Condition::Not(_) | Condition::Tag(_) => {}
    }
}
