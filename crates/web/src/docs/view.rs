//! The document, laid out for the template.

use serde_json::Value;

use super::schema::{first_reference, words};

/// Calls that belong together.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) calls: Vec<Call>,
}

/// One call.
pub(super) struct Call {
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) caller: &'static str,
    pub(super) fields: Vec<Field>,
    pub(super) body: Option<Shape>,
    pub(super) answers: Vec<(String, String, Option<Shape>)>,
}

/// A kind by its name, and where it stands on the page.
pub(super) struct Shape {
    pub(super) words: String,
    pub(super) anchor: Option<String>,
}

/// A parameter, or a field of a kind.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) shape: Shape,
    pub(super) about: String,
}

/// A kind of object or text.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) words: String,
    pub(super) pattern: String,
    pub(super) example: String,
    pub(super) fields: Vec<Field>,
}

/// A stable code.
pub(super) struct Problem {
    pub(super) code: String,
    pub(super) says: Vec<String>,
}

pub(super) fn groups(document: &Value) -> Vec<Group> {
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| Group {
        name: text(&tag["name"]),
        about: text(&tag["description"]),
        calls: calls(document).filter(|(_, _, operation)| operation["tags"][0] == tag["name"]).map(call).collect(),
    })
    .collect()
}

fn calls(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn call((path, method, operation): (&str, &str, &Value)) -> Call {
    let answers = operation["responses"].as_object().into_iter().flatten();
    let body = content(&operation["requestBody"]);
    Call {
        anchor: format!("{method}{}", path.replace(['/', '{', '}'], "-")),
        method: method.to_uppercase(),
        path: path.to_owned(),
        title: text(&operation["summary"]),
        about: text(&operation["description"]),
        caller: match operation["security"].as_array() {
            Some(ways) if ways.is_empty() => "Everybody",
            Some(ways) if ways.iter().any(|way| way.get("api_key").is_some()) => "API key or signed in",
            _ => "Signed in",
        },
        fields: operation["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body,
        answers: answers
            .map(|(status, answer)| (status.clone(), text(&answer["description"]), content(answer)))
            .collect(),
    }
}

fn parameter(parameter: &Value) -> Field {
    Field {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        shape: shape(&parameter["schema"]),
        about: text(&parameter["description"]),
    }
}

fn content(part: &Value) -> Option<Shape> {
    let (_, content) = part["content"].as_object()?.iter().next()?;
    Some(shape(&content["schema"]))
}

fn shape(schema: &Value) -> Shape {
    Shape { words: words(schema), anchor: first_reference(schema) }
}

pub(super) fn kinds(document: &Value) -> Vec<Kind> {
    let kinds = document["components"]["schemas"].as_object().into_iter().flatten();
    kinds
        .map(|(name, schema)| Kind {
            name: name.clone(),
            about: text(&schema["description"]),
            words: words(schema),
            pattern: text(&schema["pattern"]),
            example: schema["examples"][0].as_str().unwrap_or_default().to_owned(),
            fields: fields(schema),
        })
        .collect()
}

fn fields(schema: &Value) -> Vec<Field> {
    let inner = schema["allOf"].as_array().into_iter().flatten().filter(|part| part["properties"].is_object());
    let parts = std::iter::once(schema).chain(inner);
    parts
        .flat_map(|part| {
            let is_required =
                |name: &String| part["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name));
            part["properties"].as_object().into_iter().flatten().map(move |(name, field)| Field {
                name: name.clone(),
                place: String::new(),
                required: is_required(name),
                shape: shape(field),
                about: text(&field["description"]),
            })
        })
        .collect()
}

/// The codes of the list that is made from the program.
pub(super) fn problems() -> Vec<Problem> {
    let rows = include_str!("../../../../docs/errors.md").lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| {
        let (code, rest) = row.split_once("` | ")?;
        let (says, _) = rest.rsplit_once(" | [")?;
        Some(Problem { code: code.to_owned(), says: says.split("<br>").map(str::to_owned).collect() })
    })
    .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
