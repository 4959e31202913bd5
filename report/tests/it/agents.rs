//! A run over agents says who they were, who had which attempt, and who was lost; none of it makes a good run bad.

use assay_report::{Form, json::Gatherer, verdict::Verdict};

use super::{console::rendered, documents::text, situations};

#[test]
fn each_report_for_people_names_a_lost_agent_with_what_to_do() {
    let run = situations::lost_agent();
    for form in [Form::Json, Form::Markdown, Form::Html] {
        let page = text(form, &run);
        for told in ["worker-2", "nothing was heard of it"] {
            assert!(page.contains(told), "{form:?}: {page}");
        }
        let whole = text(form, &situations::passed_run());
        assert!(!whole.to_lowercase().contains("agent"), "{form:?}: {whole}");
    }
    let page = rendered(&run);
    assert!(
        page.contains("of 1 suite with 2 agents, environment"),
        "{page}"
    );
    assert!(page.contains("lost  agent worker-2"), "{page}");
}

#[test]
fn an_attempt_names_all_agents_that_had_it_and_the_run_is_as_good_as_its_cases() {
    let mut gatherer = Gatherer::default();
    for event in situations::lost_agent() {
        gatherer.event(&event);
    }
    let report = gatherer.finish();
    let run = report.run.expect("a run");
    assert_eq!(
        (run.verdict, run.exit_code),
        (Some(Verdict::Passed), Some(0))
    );
    assert_eq!(run.agents.len(), 2);
    assert_eq!(run.lost_agents[0].agent, "worker-2");
    let attempt = &report.suites[0].cases[0].attempts[0];
    assert_eq!(attempt.agents, ["worker-2", "worker-1"]);
}

#[test]
fn each_report_for_people_says_which_machine_of_a_load_was_lost_who_made_up_for_it_and_what_was_missing()
 {
    let run = situations::refilled_load();
    for form in [Form::Json, Form::Markdown, Form::Html] {
        let page = text(form, &run);
        for told in ["worker-3", "worker-1", "245"] {
            assert!(page.contains(told), "{form:?}: {page}");
        }
    }
    let summary = text(Form::Markdown, &run);
    assert!(
        summary.contains(
            "worker-3 was lost after 33.000 s, and worker-1, worker-2 made up for it after 37.000 s"
        ),
        "{summary}"
    );
    let page = rendered(&run);
    assert!(
        page.contains(
            "for 25.000 s the load was less than what was asked for, and 13.6 % of it was not made (245 starts)"
        ),
        "{page}"
    );
}
