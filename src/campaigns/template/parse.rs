//! From text to tree. Every fault says where it is and what would be right, in plain words.

use super::{
    Body, Comparison, Condition, Expression, Filter, Node, Operand, Variable,
    dates::{Format, USUAL_DATE, USUAL_TIME},
    is_name_part, is_name_start,
};
use crate::links;

/// Most characters of a template. More than a text may have: of its conditionals only one arm is sent.
pub const LONGEST_SOURCE: usize = 4800;
const MOST_PARTS: usize = 400;
/// How deep conditionals, and brackets in a condition, may lie in each other.
const DEEPEST: usize = 8;
const MOST_ARMS: usize = 12;
const MOST_FILTERS: usize = 8;
const MOST_LINKS: usize = 5;
const LONGEST_LITERAL: usize = 500;
const LONGEST_NAME: usize = 60;
const LONGEST_LINK: usize = 1000;

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, thiserror::Error, utoipa::ToSchema)]
#[schema(as = TemplateFault)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxFault {
    #[schema(example = "There is no variable fist_name. Did you mean first_name?")]
    pub message: String,
    /// Characters from the beginning.
    pub position: usize,
    /// From 1.
    pub line: usize,
    /// Characters, from 1.
    pub column: usize,
}

/// A fault before its place in bytes is put into lines.
struct Fault {
    at: usize,
    message: String,
}

type Parsed<T> = Result<T, Fault>;

fn fault<T>(at: usize, message: impl Into<String>) -> Parsed<T> {
    Err(Fault { at, message: message.into() })
}

impl Body {
    pub fn parse(source: &str) -> Result<Self, SyntaxFault> {
        let located = |Fault { at, message }| {
            let before = source.get(..at).unwrap_or(source);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let line = before.matches('\n').count() + 1;
            SyntaxFault { message, position: before.chars().count(), line, column }
        };
        let mut parser = Parser { source, at: 0, opened: 0, parts: 0, links: Vec::new() };
        parser.whole().map_err(located).map(|nodes| Self { nodes, links: parser.links })
    }
}

struct Parser<'a> {
    source: &'a str,
    /// Bytes read.
    at: usize,
    /// Where the braces begin that are being read.
    opened: usize,
    parts: usize,
    links: Vec<String>,
}

/// What ends a run of nodes.
enum End {
    Source,
    Elsif(Condition),
    Else,
    Endif,
}

/// One piece of what stands between braces.
#[derive(Clone, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Number(&'a str),
    Text(String),
    Mark(&'static str),
}

/// Longer ones first.
const MARKS: [&str; 20] =
    ["}}", "%}", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "=", "|", "(", ")", "[", "]", ".", ",", ":", "!"];
/// Opening quotation marks and what closes them. Word processors and telephones write the curly ones.
const QUOTES: [(char, &[char]); 4] =
    [('"', &['"']), ('\'', &['\'']), ('\u{201c}', &['\u{201d}', '\u{201c}']), ('\u{2018}', &['\u{2019}', '\u{2018}'])];

impl<'a> Parser<'a> {
    fn whole(&mut self) -> Parsed<Vec<Node>> {
        if self.source.chars().count() > LONGEST_SOURCE {
            return fault(0, format!("A template has at most {LONGEST_SOURCE} characters."));
        }
        match self.nodes(0)? {
            (nodes, End::Source, _) => Ok(nodes),
            (_, End::Endif, at) => fault(at, "This endif ends no if."),
            (_, End::Elsif(_) | End::Else, at) => fault(at, "This stands outside an if."),
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Nodes up to a tag that ends them, or the end; and where that is.
    fn nodes(&mut self, depth: usize) -> Parsed<(Vec<Node>, End, usize)> {
        let mut nodes = Vec::new();
        loop {
            let rest = self.rest();
            let Some(brace) = rest.find('{') else {
                self.at = self.source.len();
                add_text(&mut nodes, rest);
                return Ok((nodes, End::Source, self.at));
            };
            add_text(&mut nodes, &rest[..brace]);
            self.at += brace;
            let (start, opened) = (self.at, self.rest());
            if opened.starts_with("{{") {
                self.open(start)?;
                let node = self.output()?;
                nodes.push(node);
            } else if opened.starts_with("{%") {
                self.open(start)?;
                match self.tag()? {
                    Tag::If(condition) => {
                        self.swallow_line(&mut nodes, start);
                        let node = self.conditional(start, condition, depth)?;
                        nodes.push(node);
                    }
                    Tag::End(end) => {
                        self.swallow_line(&mut nodes, start);
                        return Ok((nodes, end, start));
                    }
                }
            } else if let Some((variable, length)) = one_brace(opened) {
                self.open(start)?;
                self.at = start + length;
                nodes.push(Node::Value(Expression { operand: Operand::Variable(variable), filters: Vec::new() }));
            } else {
                add_text(&mut nodes, "{");
                self.at += 1;
            }
        }
    }

    /// Steps behind two opening characters.
    fn open(&mut self, start: usize) -> Parsed<()> {
        (self.opened, self.at) = (start, start + 2);
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return fault(start, format!("A template has at most {MOST_PARTS} variables and conditions."));
        }
        Ok(())
    }

    fn tag(&mut self) -> Parsed<Tag> {
        let (token, at) = self.token()?;
        let Token::Name(word) = token else {
            return fault(at, "After {% comes if, elsif, else or endif.");
        };
        let tag = match word {
            "if" => Tag::If(self.condition(0)?),
            "elsif" | "elif" | "elseif" => Tag::End(End::Elsif(self.condition(0)?)),
            "else" => {
                let before = self.at;
                if self.token()?.0 == Token::Name("if") {
                    Tag::End(End::Elsif(self.condition(0)?))
                } else {
                    self.at = before;
                    Tag::End(End::Else)
                }
            }
            "endif" => Tag::End(End::Endif),
            "for" | "while" | "endfor" => return fault(at, "There are no loops in templates."),
            other => return fault(at, format!("{other} is not known here. There are if, elsif, else and endif.")),
        };
        self.expect("%}", "Here %} should follow.")?;
        Ok(tag)
    }

    /// A tag alone on its line leaves no empty line behind.
    fn swallow_line(&mut self, nodes: &mut [Node], start: usize) {
        let line = self.source[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = self.rest();
        let end = rest.find('\n');
        let blank = |text: &str| text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r'));
        if !blank(&self.source[line..start]) || !blank(&rest[..end.unwrap_or(rest.len())]) {
            return;
        }
        self.at += end.map_or(rest.len(), |at| at + 1);
        let indent = start - line;
        if let Some(Node::Text(text)) = nodes.last_mut()
            && indent > 0
        {
            *text = text[..text.len().saturating_sub(indent)].into();
        }
    }

    fn conditional(&mut self, start: usize, condition: Condition, depth: usize) -> Parsed<Node> {
        if depth >= DEEPEST {
            return fault(start, format!("Conditions lie in each other at most {DEEPEST} deep."));
        }
        let (mut arms, mut condition) = (Vec::new(), condition);
        loop {
            let (nodes, end, _) = self.nodes(depth + 1)?;
            arms.push((condition, nodes));
            if arms.len() > MOST_ARMS {
                return fault(start, format!("An if has at most {MOST_ARMS} cases."));
            }
            match end {
                End::Elsif(next) => condition = next,
                End::Endif => return Ok(Node::If(arms, Vec::new())),
                End::Else => {
                    return match self.nodes(depth + 1)? {
                        (rest, End::Endif, _) => Ok(Node::If(arms, rest)),
                        (_, End::Source, _) => fault(start, NO_ENDIF),
                        (_, End::Elsif(_) | End::Else, at) => fault(at, "After else only endif can follow."),
                    };
                }
                End::Source => return fault(start, NO_ENDIF),
            }
        }
    }

    /// What stands between {{ and }}.
    fn output(&mut self) -> Parsed<Node> {
        let before = self.at;
        let (token, at) = self.token()?;
        if token == Token::Mark("}}") {
            return fault(self.opened, "Nothing stands between {{ and }}.");
        }
        let node = if token == Token::Name("link") {
            self.link(at)?
        } else {
            self.at = before;
            Node::Value(self.expression()?)
        };
        self.expect("}}", "Here }} should follow, or a filter such as | default(\"there\").")?;
        Ok(node)
    }

    /// What follows the word link.
    fn link(&mut self, start: usize) -> Parsed<Node> {
        const HOW: &str = "A link is written link(\"https://example.com/offer\").";
        self.expect("(", HOW)?;
        let (token, at) = self.token()?;
        let Token::Text(address) = token else { return fault(at, HOW) };
        let address = address.trim();
        let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        let host = host.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if address.chars().count() > LONGEST_LINK {
            return fault(at, format!("A link has at most {LONGEST_LINK} characters."));
        }
        if !links::is_target(address) || host.is_none_or(|host| !host.contains('.')) {
            return fault(at, "A link begins with https:// and the name of a site.");
        }
        if self.links.len() == MOST_LINKS {
            return fault(start, format!("A template has at most {MOST_LINKS} links."));
        }
        self.expect(")", HOW)?;
        self.links.push(address.to_owned());
        Ok(Node::Link(self.links.len() - 1))
    }

    fn expression(&mut self) -> Parsed<Expression> {
        let (operand, at) = self.operand()?;
        let mut filters = Vec::new();
        while self.takes("|")? {
            let (token, filter_at) = self.token()?;
            let Token::Name(name) = token else { return fault(filter_at, "After | comes the name of a filter.") };
            filters.push(self.filter(name, filter_at)?);
            if filters.len() > MOST_FILTERS {
                return fault(filter_at, format!("A variable has at most {MOST_FILTERS} filters."));
            }
        }
        let written = matches!(filters.first(), Some(Filter::Moment(_)));
        if operand == Operand::Variable(Variable::Now) && !written {
            return fault(at, "Say how it is written: {{ now | date }} or {{ now | time }}.");
        }
        Ok(Expression { operand, filters })
    }

    fn operand(&mut self) -> Parsed<(Operand, usize)> {
        let (token, at) = self.token()?;
        let literal = match token {
            Token::Text(text) => text,
            Token::Number(number) => number.to_owned(),
            Token::Name(word @ ("true" | "false")) => word.to_owned(),
            Token::Name(name) => return Ok((Operand::Variable(self.variable(name, at)?), at)),
            Token::Mark("!") => return fault(at, "Write not for !."),
            Token::Mark(_) => return fault(at, "Here a variable should stand, or a text in quotation marks."),
        };
        Ok((Operand::Literal(literal.into()), at))
    }

    fn variable(&mut self, name: &'a str, at: usize) -> Parsed<Variable> {
        let (mut name, mut at) = (name, at);
        if name == "contact" && self.takes(".")? {
            (name, at) = self.name("After contact. comes a name, such as contact.first_name.")?;
        }
        if name == "custom" {
            return self.custom();
        }
        if let Some(variable) = Variable::fixed(name) {
            return Ok(variable);
        }
        let message = match name {
            "tag" => "tag asks whether a contact has a tag: {% if tag(\"vip\") %}.".to_owned(),
            "link" => "A link stands alone: {{ link(\"https://example.com\") }}.".to_owned(),
            "if" | "elsif" | "else" | "endif" => format!("{name} stands between {{% and %}}."),
            name => {
                let shown: String = name.chars().take(LONGEST_NAME).collect();
                let like = nearest(name, Variable::FIXED.iter().map(|(known, _)| known.fixed_name()));
                match like {
                    Some(like) => format!("There is no variable {shown}. Did you mean {like}?"),
                    None => {
                        format!("There is no variable {shown}. What you keep of contacts yourselves is custom.{shown}.")
                    }
                }
            }
        };
        fault(at, message)
    }

    /// What follows the word custom: `.plan` or `["car model"]`.
    fn custom(&mut self) -> Parsed<Variable> {
        const HOW: &str = "Say which: custom.plan, or custom[\"car model\"].";
        let (key, at) = if self.takes("[")? {
            let (token, at) = self.token()?;
            let Token::Text(key) = token else { return fault(at, HOW) };
            self.expect("]", "Here ] should follow.")?;
            (key.trim().to_owned(), at)
        } else if self.takes(".")? {
            let (key, at) = self.name(HOW)?;
            (key.to_owned(), at)
        } else {
            return fault(self.at, HOW);
        };
        if !(1..=LONGEST_NAME).contains(&key.chars().count()) {
            return fault(at, format!("A name has 1 to {LONGEST_NAME} characters."));
        }
        Ok(Variable::Custom(key.into()))
    }

    fn name(&mut self, otherwise: &str) -> Parsed<(&'a str, usize)> {
        match self.token()? {
            (Token::Name(name), at) => Ok((name, at)),
            (_, at) => fault(at, otherwise),
        }
    }

    fn filter(&mut self, name: &str, at: usize) -> Parsed<Filter> {
        let argument = self.argument()?;
        let moment = |usual: &str| match &argument {
            None => Ok(Filter::Moment(Format::parse(usual).unwrap_or_else(|_| unreachable!("the usual format")))),
            Some((Operand::Literal(format), at)) => Format::parse(format).map(Filter::Moment).or_else(|piece| {
                fault(
                    *at,
                    format!("{piece} is not known in a date. There are %A %a %B %b %d %-d %m %Y %y %H %I %-I %M %p."),
                )
            }),
            Some((_, at)) => fault(*at, "How a date is written stands in quotation marks: date(\"%b %-d\")."),
        };
        let filter = match name {
            "default" => {
                return match argument {
                    Some((Operand::Variable(Variable::Now), at)) => fault(at, "now cannot be a default."),
                    Some((operand, _)) => Ok(Filter::Default(operand)),
                    None => fault(at, "Say what stands in its place: default(\"there\")."),
                };
            }
            "date" => return moment(USUAL_DATE),
            "time" => return moment(USUAL_TIME),
            "upper" | "upcase" => Filter::Upper,
            "lower" | "downcase" => Filter::Lower,
            "title" | "capitalize" => Filter::Title,
            other => {
                let known = ["default", "upper", "lower", "title", "date", "time"];
                let message = match nearest(other, known.into_iter()) {
                    Some(like) => format!("There is no filter {other}. Did you mean {like}?"),
                    None => format!("There is no filter {other}. There are {}.", known.join(", ")),
                };
                return fault(at, message);
            }
        };
        match argument {
            Some((_, at)) => fault(at, format!("{name} takes nothing in brackets.")),
            None => Ok(filter),
        }
    }

    /// `("there")`, or `: "there"` as Liquid writes it.
    fn argument(&mut self) -> Parsed<Option<(Operand, usize)>> {
        if self.takes(":")? {
            return self.operand().map(Some);
        }
        if !self.takes("(")? {
            return Ok(None);
        }
        let argument = self.operand()?;
        self.expect(")", "Here ) should follow.")?;
        Ok(Some(argument))
    }

    fn condition(&mut self, depth: usize) -> Parsed<Condition> {
        let mut any = vec![self.all(depth)?];
        loop {
            if self.takes_word("or")? {
                any.push(self.all(depth)?);
            } else if self.takes("||")? {
                return fault(self.at - 2, "Write or for ||.");
            } else {
                return Ok(if any.len() == 1 { any.remove(0) } else { Condition::Any(any) });
            }
        }
    }

    fn all(&mut self, depth: usize) -> Parsed<Condition> {
        let mut all = vec![self.negated(depth)?];
        loop {
            if self.takes_word("and")? {
                all.push(self.negated(depth)?);
            } else if self.takes("&&")? {
                return fault(self.at - 2, "Write and for &&.");
            } else {
                return Ok(if all.len() == 1 { all.remove(0) } else { Condition::All(all) });
            }
        }
    }

    fn negated(&mut self, depth: usize) -> Parsed<Condition> {
        if depth > DEEPEST {
            return fault(self.at, format!("Brackets and nots lie in each other at most {DEEPEST} deep."));
        }
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return fault(self.at, format!("A template has at most {MOST_PARTS} variables and conditions."));
        }
        if self.takes_word("not")? {
            return Ok(Condition::Not(Box::new(self.negated(depth + 1)?)));
        }
        if self.takes("(")? {
            let condition = self.condition(depth + 1)?;
            self.expect(")", "Here ) should follow.")?;
            return Ok(condition);
        }
        if self.takes_word("tag")? {
            const HOW: &str = "A tag is asked for like this: tag(\"vip\").";
            self.expect("(", HOW)?;
            let (token, at) = self.token()?;
            let Token::Text(tag) = token else { return fault(at, HOW) };
            self.expect(")", HOW)?;
            let tag = tag.trim().to_lowercase();
            return if tag.is_empty() { fault(at, HOW) } else { Ok(Condition::Tag(tag.into())) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Condition> {
        let before = self.at;
        let left = self.expression()?;
        let after = self.at;
        let (token, at) = self.token()?;
        let comparison = match token {
            Token::Mark("==") => Comparison::Equal,
            Token::Mark("!=") => Comparison::NotEqual,
            Token::Mark("<") => Comparison::Less,
            Token::Mark("<=") => Comparison::AtMost,
            Token::Mark(">") => Comparison::Greater,
            Token::Mark(">=") => Comparison::AtLeast,
            Token::Mark("=") => return fault(at, "Write == to compare."),
            _ => {
                self.at = after;
                return match left.operand {
                    Operand::Literal(_) => fault(before, ALWAYS),
                    Operand::Variable(_) => Ok(Condition::Present(left)),
                };
            }
        };
        let right = self.expression()?;
        if matches!((&left.operand, &right.operand), (Operand::Literal(_), Operand::Literal(_))) {
            return fault(before, ALWAYS);
        }
        Ok(Condition::Compare(left, comparison, right))
    }

    fn expect(&mut self, mark: &str, otherwise: &str) -> Parsed<()> {
        match self.token()? {
            (Token::Mark(found), _) if found == mark => Ok(()),
            (_, at) => fault(at, otherwise),
        }
    }

    /// Steps over the mark, where it is next.
    fn takes(&mut self, mark: &str) -> Parsed<bool> {
        let before = self.at;
        let found = matches!(self.token()?.0, Token::Mark(found) if found == mark);
        if !found {
            self.at = before;
        }
        Ok(found)
    }

    fn takes_word(&mut self, word: &str) -> Parsed<bool> {
        let before = self.at;
        let found = matches!(self.token()?.0, Token::Name(found) if found == word);
        if !found {
            self.at = before;
        }
        Ok(found)
    }

    fn token(&mut self) -> Parsed<(Token<'a>, usize)> {
        let rest = self.rest().trim_start();
        self.at = self.source.len() - rest.len();
        let at = self.at;
        let Some(first) = rest.chars().next() else {
            let closing = if self.source[self.opened..].starts_with("{%") { "%}" } else { "}}" };
            return fault(self.opened, format!("What begins here is never closed with {closing}."));
        };
        if let Some((_, closing)) = QUOTES.iter().find(|(opening, _)| *opening == first) {
            return Ok((Token::Text(self.literal(first, closing)?), at));
        }
        if let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark)) {
            self.at += mark.len();
            return Ok((Token::Mark(mark), at));
        }
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            let sign = rest.len() - digits.len();
            let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
            let number = rest[..sign + end].trim_end_matches('.');
            self.at += number.len();
            return Ok((Token::Number(number), at));
        }
        if is_name_start(first) {
            let end = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
            self.at += end;
            return Ok((Token::Name(&rest[..end]), at));
        }
        match first {
            '}' => fault(at, "Here two braces should stand: }}."),
            other => fault(at, format!("{other} has no meaning here.")),
        }
    }

    /// What stands in quotation marks, which begin here. A backslash takes the next character as it is.
    fn literal(&mut self, opening: char, closing: &[char]) -> Parsed<String> {
        let (start, mut text) = (self.at, String::new());
        let mut characters = self.rest()[opening.len_utf8()..].char_indices();
        while let Some((at, c)) = characters.next() {
            if closing.contains(&c) {
                self.at = start + opening.len_utf8() + at + c.len_utf8();
                if text.chars().count() > LONGEST_LITERAL {
                    return fault(
                        start,
                        format!("A text in quotation marks has at most {LONGEST_LITERAL} characters."),
                    );
                }
                if text.contains("{{") || text.contains("{%") {
                    return fault(start, "A text in quotation marks cannot hold {{ or {%.");
                }
                return Ok(text);
            }
            match c {
                '\\' => text.extend(characters.next().map(|(_, c)| c)),
                c => text.push(c),
            }
        }
        fault(start, "This quotation mark is never closed.")
    }
}

enum Tag {
    If(Condition),
    End(End),
}

const NO_ENDIF: &str = "This if has no endif.";
const ALWAYS: &str = "This does not depend on the contact. Ask for a variable, such as first_name.";

fn add_text(nodes: &mut Vec<Node>, text: &str) {
    if text.is_empty() {
        return;
    }
    match nodes.last_mut() {
        Some(Node::Text(before)) => *before = format!("{before}{text}").into(),
        _ => nodes.push(Node::Text(text.into())),
    }
}

/// A variable in one pair of braces at the beginning of `text`, and how long that is. What is no known name is text.
fn one_brace(text: &str) -> Option<(Variable, usize)> {
    let end = text.find('}')?;
    let inner = text[1..end].trim_matches(' ');
    let variable = match inner.strip_prefix("custom.") {
        Some(key) if super::is_plain(key) && key.chars().count() <= LONGEST_NAME => Variable::Custom(key.into()),
        Some(_) => return None,
        None => Variable::fixed(inner)?,
    };
    (variable != Variable::Now).then_some((variable, end + 1))
}

/// The known word that differs in at most two letters.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let word: Vec<char> = word.to_lowercase().chars().take(LONGEST_NAME).collect();
    let most = if word.len() < 5 { 1 } else { 2 };
    let near = known.map(|one| (distance(&word, one), one)).filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, _)| *distance).map(|(_, one)| one)
}

/// Letters to change, add or leave out.
fn distance(word: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (n, letter) in other.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = n + 1;
        for (m, own) in word.iter().enumerate() {
            let changed = diagonal + usize::from(*own != letter);
            diagonal = row[m + 1];
            row[m + 1] = changed.min(row[m] + 1).min(diagonal + 1);
        }
    }
    row[word.len()]
}
