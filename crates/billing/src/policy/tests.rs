use super::*;

fn patterns(allow: &[&str], deny: &[&str]) -> Patterns {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Patterns { allow: own(allow), deny: own(deny) }
}

fn wish<'a>(model: &'a str, provider: &'a str) -> Wish<'a> {
    Wish { model, provider, may_train: false }
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, name, is_match) in [
        ("anthropic/*", "anthropic/claude-opus-4", true),
        ("anthropic/*", "anthropic", false),
        ("*", "", true),
        ("*:free", "demo/small:free", true),
        ("*:free", "demo/small:freed", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("OpenAI/GPT-*", "openai/gpt-5", true),
        ("gpt", "gpt-5", false),
        ("", "", true),
        ("", "x", false),
        ("**", "x", true),
        ("*é*", "café/latte", true),
    ] {
        assert_eq!(matches(pattern, name), is_match, "{pattern} {name}");
    }
}

/// A pattern that would take exponential time in a matcher that tries everything.
#[test]
fn many_stars_take_no_time() {
    let pattern = "a*".repeat(100) + "b";
    assert!(!matches(&pattern, &"a".repeat(10_000)));
}

#[test]
fn a_deny_beats_an_allow_and_nothing_said_allows_all() {
    assert_eq!(Policy::default().check(wish("any/model", "anyone")), Ok(()));
    let policy = Policy {
        models: patterns(&["anthropic/*", "openai/gpt-5"], &["anthropic/*-preview"]),
        providers: patterns(&[], &["deepseek"]),
        ..Policy::default()
    };
    assert_eq!(policy.check(wish("anthropic/claude-opus-4", "anthropic")), Ok(()));
    assert_eq!(policy.check(wish("anthropic/claude-preview", "anthropic")), Err(Forbidden::Model));
    assert_eq!(policy.check(wish("openai/gpt-4", "openai")), Err(Forbidden::Model));
    assert_eq!(policy.check(wish("openai/gpt-5", "DeepSeek")), Err(Forbidden::Provider));
}

#[test]
fn who_trains_on_prompts_is_refused_where_the_policy_says_so() {
    let policy = Policy { data: DataPolicy::NoTraining, ..Policy::default() };
    assert_eq!(policy.check(wish("m", "p")), Ok(()));
    assert_eq!(policy.check(Wish { may_train: true, ..wish("m", "p") }), Err(Forbidden::Training));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_field() {
    let default_model = |model: &str| Policy { default_model: Some(model.to_owned()), ..Policy::default() };
    let wrong = [
        (Policy { models: patterns(&[""], &[]), ..Policy::default() }, "models.allow"),
        (Policy { models: patterns(&[], &["two words"]), ..Policy::default() }, "models.deny"),
        (Policy { providers: patterns(&["x\n"], &[]), ..Policy::default() }, "providers.allow"),
        (Policy { providers: patterns(&[], &["x"; 501]), ..Policy::default() }, "providers.deny"),
        (default_model("demo/*"), "default_model"),
        (Policy { models: patterns(&[], &["demo/*"]), ..default_model("demo/small") }, "default_model"),
    ];
    for (policy, field) in wrong {
        assert_eq!(policy.validate().unwrap_err().field, field);
    }
    assert_eq!(Policy { models: patterns(&["demo/*"], &[]), ..default_model("demo/small") }.validate(), Ok(()));
}

#[test]
fn it_reads_what_it_writes_and_refuses_unknown_rules() {
    let policy = Policy { models: patterns(&["a/*"], &["a/b"]), data: DataPolicy::NoTraining, ..Policy::default() };
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(
        text,
        r#"{"models":{"allow":["a/*"],"deny":["a/b"]},"providers":{"allow":[],"deny":[]},"data":"no_training","default_model":null}"#
    );
    assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
    assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
    assert!(serde_json::from_str::<Policy>(r#"{"modles":{}}"#).is_err());
}
