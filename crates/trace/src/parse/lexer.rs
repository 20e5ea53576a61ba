//! Tokens of the text form: words (which include numbers), strings and marks. `;` starts a comment.

use super::{ParseError, Result};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Letters, digits, `_`, and where they make a number, `.`, `-`, `+`.
    Word(String),
    Text(String),
    Mark(char),
    End,
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Text(text) => format!("{text:?}"),
            Token::Mark(mark) => format!("`{mark}`"),
            Token::End => "the end".into(),
        }
    }
}

/// A place in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    line: u32,
    column: u32,
}

impl Position {
    pub(super) fn error(self, message: String) -> ParseError {
        ParseError {
            line: self.line,
            column: self.column,
            message,
        }
    }
}

pub(super) struct Lexer {
    tokens: Vec<(Token, Position)>,
    next: usize,
}

impl Lexer {
    pub(super) fn new(text: &str) -> Result<Lexer> {
        let mut scan = Scan {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
            column: 1,
        };
        let mut tokens = Vec::new();
        loop {
            let token = scan.token()?;
            let end = token.0 == Token::End;
            tokens.push(token);
            if end {
                return Ok(Lexer { tokens, next: 0 });
            }
        }
    }

    pub(super) fn position(&self) -> Position {
        self.tokens[self.next].1
    }

    pub(super) fn at(&self, token: &Token) -> bool {
        self.tokens[self.next].0 == *token
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        matches!(&self.tokens[self.next].0, Token::Word(have) if have == word)
    }

    pub(super) fn at_id(&self, prefix: &str) -> bool {
        matches!(&self.tokens[self.next].0, Token::Word(word) if number_of(word, prefix).is_some())
    }

    pub(super) fn try_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.next += usize::from(found);
        found
    }

    pub(super) fn try_mark(&mut self, mark: char) -> bool {
        let found = self.at(&Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    pub(super) fn word(&mut self, word: &str) -> Result<()> {
        if self.try_word(word) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{word}`")))
        }
    }

    pub(super) fn mark(&mut self, mark: char) -> Result<()> {
        if self.try_mark(mark) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{mark}`")))
        }
    }

    pub(super) fn end(&mut self) -> Result<()> {
        if self.at(&Token::End) {
            Ok(())
        } else {
            Err(self.expected("the end"))
        }
    }

    /// A number with a prefix: `v12`.
    pub(super) fn id(&mut self, prefix: &str) -> Result<u32> {
        self.convert(&format!("{prefix} and a number"), |word| {
            number_of(word, prefix)
        })
    }

    pub(super) fn named<T>(&mut self, what: &str, f: impl Fn(&str) -> Option<T>) -> Result<T> {
        self.convert(&format!("a {what}"), f)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64> {
        self.convert("a number", |word| match word.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => word.parse().ok(),
        })
    }

    pub(super) fn signed(&mut self) -> Result<i64> {
        self.convert("an integer", |word| word.parse().ok())
    }

    /// The bits of a float: a decimal, or `nan:` and the bits.
    pub(super) fn float(&mut self) -> Result<u64> {
        if self.try_word("nan") {
            self.mark(':')?;
            return self.unsigned();
        }
        self.convert("a float", |word| word.parse::<f64>().ok().map(f64::to_bits))
    }

    pub(super) fn string(&mut self) -> Result<String> {
        match &self.tokens[self.next].0 {
            Token::Text(text) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.expected("a string")),
        }
    }

    fn convert<T>(&mut self, what: &str, f: impl Fn(&str) -> Option<T>) -> Result<T> {
        let value = match &self.tokens[self.next].0 {
            Token::Word(word) => f(word),
            _ => None,
        };
        match value {
            Some(value) => {
                self.next += 1;
                Ok(value)
            }
            None => Err(self.expected(what)),
        }
    }

    pub(super) fn expected(&self, what: &str) -> ParseError {
        let (token, position) = &self.tokens[self.next];
        position.error(format!("expected {what}, found {}", token.describe()))
    }
}

fn number_of(word: &str, prefix: &str) -> Option<u32> {
    let digits = word.strip_prefix(prefix)?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

struct Scan {
    chars: Vec<char>,
    at: usize,
    line: u32,
    column: u32,
}

impl Scan {
    fn token(&mut self) -> Result<(Token, Position)> {
        self.skip_space();
        let position = Position {
            line: self.line,
            column: self.column,
        };
        let token = match self.peek() {
            None => Token::End,
            Some('"') => Token::Text(self.text(position)?),
            Some(c) if starts_word(c) => Token::Word(self.word()),
            Some(c) => {
                self.bump();
                Token::Mark(c)
            }
        };
        Ok((token, position))
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn skip_space(&mut self) {
        while let Some(c) = self.peek() {
            if c == ';' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.bump();
                }
            } else if c.is_whitespace() {
                self.bump();
            } else {
                return;
            }
        }
    }

    /// A word. A decimal number goes on over `.` and the sign of its exponent; `@3.index` does not,
    /// because there a letter follows the point. `-` goes on in the reasons' names.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            let numeric = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            let next = self.chars.get(self.at + 1).copied().unwrap_or(' ');
            let inside = c.is_alphanumeric()
                || c == '_'
                || word.is_empty()
                || (c == '.' && numeric && next.is_ascii_digit())
                || (c == '-' && (!numeric || word.ends_with('e')));
            if !inside {
                break;
            }
            word.push(c);
            self.bump();
        }
        word
    }

    fn text(&mut self, start: Position) -> Result<String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(start.error("the string has no end".into())),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(start)?),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self, start: Position) -> Result<char> {
        match self.bump() {
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('0') => Ok('\0'),
            Some(c @ ('"' | '\\' | '\'')) => Ok(c),
            Some('u') => self
                .unicode()
                .ok_or_else(|| start.error("bad \\u escape".into())),
            _ => Err(start.error("unknown escape in the string".into())),
        }
    }

    fn unicode(&mut self) -> Option<char> {
        if self.bump() != Some('{') {
            return None;
        }
        let mut digits = String::new();
        loop {
            match self.bump()? {
                '}' => {
                    return u32::from_str_radix(&digits, 16)
                        .ok()
                        .and_then(char::from_u32);
                }
                c => digits.push(c),
            }
        }
    }
}

fn starts_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
