//! What the desk says in English.

use super::Wording;

pub(super) const ENGLISH: Wording = Wording {
    time: |at| at.format("%a %b %-d at %-I:%M %p").to_string(),
    offer: |time, provider| format!("{time} with {provider}"),
    booking: |service, time, provider| format!("{service} on {time} with {provider}"),

    help: |business, phone| {
        let call = phone.map_or_else(String::new, |n| format!(" You can also call {n}."));
        format!(
            "{business}: text a day or time to book. CHANGE moves your appointment, WHEN shows it, \"cancel my appointment\" cancels it, PERSON gets you our team.{call} Reply STOP to get no more texts."
        )
    },
    opted_out: |business| {
        format!("You are unsubscribed from {business} and will get no more texts. Reply START to resume.")
    },
    opted_out_of_marketing: |business| {
        format!(
            "You will get no more promotions from {business}. We still answer you and text you about your appointments. Reply STOP to get no more texts at all."
        )
    },
    opted_in: |business| {
        format!(
            "You will get texts from {business} again. Text us a day or time to book. Reply STOP to get no more texts."
        )
    },
    greeting: |business| {
        format!("Hi, this is {business}! I can book, move or cancel an appointment. What day and time work for you?")
    },
    introduction: |business| {
        format!(
            "This is {business}: people text us to book appointments. If that is not for you, sorry! Reply STOP to get no more texts."
        )
    },
    machine: |business| {
        format!(
            "This is the automatic desk of {business}: it books, moves and cancels appointments. Text PERSON to reach a person."
        )
    },
    services: |list| format!("You can book: {list}. Text a day or time, and which one."),
    nothing_offered: "Sorry, online booking isn't open right now.",
    welcome: "You're welcome! Text us any time.",
    acknowledged: "OK! Text us any time.",
    nothing_asked: "Nothing is waiting for an answer, and nothing is booked. Text a day or time to book.",
    how_are_you: "All well here, thanks! I can book, move or cancel an appointment for you: just text a day and time.",
    take_time: "OK, take your time.",
    take_time_with_offers: "OK, take your time. Nothing is settled yet; reply with a number whenever you like.",
    goodbye: "Bye! Text us any time.",
    goodbye_with_offers: "OK! Nothing is booked yet; reply with a number whenever you like.",

    handed_over: "I've told the team: a person will answer you here.",
    staff_told: "Thanks, I'll let the team know.",
    call: |phone| format!("You can also call {phone}."),
    dont_know: |phone| {
        let call = phone.map_or_else(String::new, |n| format!(", or call {n}"));
        format!("Sorry, I don't know that. Text PERSON to ask the team{call}.")
    },
    reach_a_person: "Text PERSON to reach the team.",
    not_understood: [
        "Sorry, I didn't get that. Text a day or time to book (\"tomorrow at 3\"), CHANGE to move your appointment, or WHEN to see it.",
        "Sorry, I still didn't get that. To book, text just a day and a time, like \"Friday at 2\".",
        "I'm afraid I don't follow. I can book, move or cancel an appointment: text BOOK, CHANGE or WHEN.",
    ],

    lead_open: |service| format!("Here is what's open for {service}"),
    lead_near: |service| format!("That time isn't open. Closest for {service}"),
    lead_next: |service| format!("Nothing is open then. Next available for {service}"),
    lead_latest: |service| format!("We have nothing that late. Latest for {service}"),
    lead_earliest: |service| format!("We have nothing that early. Earliest for {service}"),
    lead_earlier_days: |service| format!("Nothing earlier that day. Before it, for {service}"),
    lead_pick: ["Please pick one", "Which of these would you like?", "These are the times I can offer"],
    lead_lost: |time, service| format!("Sorry, {time} was just taken. Still open for {service}"),
    pick_a_number: "Reply with a number, or another day or time.",
    pick_one_above: "Reply with a number for one of the times above.",
    only_near: "That time isn't open; this is closest.",
    only_next: "Nothing is open then; this is next.",
    only_latest: "We have nothing that late; this is the latest.",
    only_earliest: "We have nothing that early; this is the earliest.",
    only_earlier_days: "Nothing earlier that day; but this is before it.",
    only_lost: |time| format!("Sorry, {time} was just taken; this is still open."),
    nothing_earlier: "Nothing earlier is open.",
    nothing_soon: "Sorry, nothing is open in the next weeks. Please try another day.",
    lost_and_nothing_soon: |time| format!("Sorry, {time} was just taken, and nothing else is open soon."),
    one_per_person: "Each appointment is for one person.",
    nobody: |people| format!("Nobody of that name works here; there is {people}."),
    not_free: |person| format!("{person} isn't free then."),
    one_at_a_time: "One at a time: first this one, then the other.",
    day_passed: "That day has passed.",
    no_such_day: "There is no such date.",

    // C, R and X: the carrier swallows YES and CANCEL from some people.
    confirm_booking: |service, offer| {
        format!("{service}: {offer}. Reply C to confirm, R for another time, X to drop it.")
    },
    confirm_move: |service, from, offer| {
        format!(
            "Move your {service} from {from} to {offer}? Reply C to confirm, R for another time, X to keep the old one."
        )
    },
    confirm_other_service: |booking, service, offer| {
        format!(
            "Change your {booking} to {service}: {offer}? Reply C to confirm, R for another time, X to keep the old one."
        )
    },
    confirm_cancel: |booking| format!("Cancel your {booking}? Reply C to confirm, R to move it instead, X to keep it."),
    confirm_cancel_all: |count, list| {
        format!("Cancel these {count} appointments?\n{list}\nReply C to confirm, X to keep them, or the number of one.")
    },
    not_booked: ["Not booked yet.", "Still not booked.", "It is not booked so far."],
    not_moved: ["Not moved yet.", "Still not moved.", "It is not moved so far."],
    not_cancelled: ["Nothing is cancelled yet.", "Still not cancelled.", "Nothing is cancelled so far."],

    ask_day: "What day and time work for you? For example \"tomorrow afternoon\" or \"Friday at 2\".",
    ask_day_again: [
        "Just text a day or a time, like \"tomorrow afternoon\" or \"Friday at 2\".",
        "Sorry, I need a day or a time, like \"Monday morning\".",
        "I didn't find a day or time in that. Which day suits you?",
    ],
    ask_other_day: "What other day works for you?",
    ask_new_time: |booking| format!("When would you like to move your {booking} to?"),
    ask_new_time_again: [
        "Which day or time should it move to? For example \"Friday at 2\".",
        "Sorry, I need the new day or time, like \"Monday morning\".",
        "I didn't find a day or time in that. When should it be instead?",
    ],
    which_to_cancel: |list| format!("Which one should I cancel?\n{list}\nReply with a number."),
    which_to_move: |list, to| match to {
        Some(to) => format!("Which one should I move to {to}?\n{list}\nReply with a number."),
        None => format!("Which one should I move?\n{list}\nReply with a number."),
    },
    which_again: ["Please pick one.", "Sorry, I need its number.", "I didn't get which one you mean."],

    booked: |booking| format!("You're booked: {booking}. Text CHANGE to move it. See you then!"),
    moved: |booking| format!("Done! Your appointment is now: {booking}. See you then!"),
    cancelled: |booking| format!("Your {booking} is cancelled. Text us a day or time to book again."),
    all_cancelled: |list| format!("Cancelled:\n{list}\nText us a day or time to book again."),
    gone_already: |list| format!("No longer there:\n{list}"),
    already_theirs: |booking| format!("You already have that: {booking}."),
    no_longer: "That appointment is no longer there. Text a day or time to book a new one.",
    nothing_booked: "You have no upcoming appointment. Text a day or time, like \"Friday at 2\", to book one.",
    no_appointment: "You have no upcoming appointment. Text a day or time to book one.",
    appointment: |booking| format!("Your appointment: {booking}."),
    appointments: |list| format!("Your appointments:\n{list}"),
    ask_report: [
        "What should I report? Just text it in a sentence or two.",
        "I need a few words on what is wrong, and the team gets them.",
        "I have nothing to report yet. What is wrong?",
    ],
    report_nudge: "And what should I report?",
    report_opened: |n| {
        format!("Thanks, the team has it: report #{n}. We text you when it is resolved; text \"report {n}\" to ask.")
    },
    report_waits: |n| format!("Report #{n}: the team has it, and has not started on it yet."),
    report_started: |n| format!("Report #{n}: the team is working on it."),
    report_resolved: |n| format!("Report #{n} is resolved."),
    report_answered: |n, words| format!("About your report #{n}: {words}"),
    no_report: "I don't find a report of yours. To make one, text \"report a problem\"; PERSON reaches the team.",
    no_such_report: |n| format!("I don't find a report #{n} of yours. Text PERSON to reach the team."),
    too_many_reports: "Several reports of yours are open already. The team will see to them; text PERSON to reach them.",
    report_dropped: "OK, nothing is reported. Text us any time.",

    kept: |booking| format!("OK, nothing changed. You still have your {booking}."),
    nothing_changed: "OK, nothing changed.",
    let_be: "OK, nothing is booked. Text us any time.",
};
