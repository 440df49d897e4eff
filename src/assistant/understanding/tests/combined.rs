//! Counting, periods and bounds: the phrases that combine.  Read on Tuesday 2026-09-15 at 10:20.

use super::{check, context};

#[test]
fn counting() {
    check(
        &[
            ("in a fortnight", "2026-09-29"),
            ("2-3 weeks from now", "2026-09-29..2026-10-07"),
            ("in two or three weeks", "2026-09-29..2026-10-07"),
            ("in a week or two", "2026-09-22..2026-09-30"),
            ("a week on thursday", "2026-09-24"),
            ("thursday week", "2026-09-24"),
            ("a week tomorrow", "2026-09-23"),
            ("three days after the 20th", "2026-09-23"),
            ("two days prior to thanksgiving", "2026-11-24"),
            ("in three weeks' time", "2026-10-06"),
            ("in 2 and a half hours", "2026-09-15T12:50"),
            ("in 1h 15m", "2026-09-15T11:35"),
            ("in 90 min", "2026-09-15T11:50"),
            ("within the hour", "2026-09-15T10:20..2026-09-15T11:20"),
            ("10 days out", "2026-09-25"),
            ("two fridays from now", "2026-09-25"),
        ],
        &context(),
    );
}

#[test]
fn times_told_by_counting() {
    check(
        &[
            ("an hour before noon", "11:00"),
            ("ten to 4", "15:50"),
            ("5 to 5", "16:55"),
            ("25 past 6", "18:25"),
            ("quarter til 2", "13:45"),
            ("three-fifteen", "15:15"),
            ("4 thirty", "16:30"),
            ("seven-oh-five", "07:05"),
            ("15h45", "15:45"),
            ("1645", "16:45"),
            ("half 2", "14:30"),
            ("2ish or so", "14:00"),
        ],
        &context(),
    );
}

#[test]
fn periods() {
    check(
        &[
            ("this fall", "2026-09-01..2026-12-01"),
            ("next spring", "2027-03-01..2027-06-01"),
            ("winter 2027", "2027-12-01..2028-03-01"),
            ("in 2028", "2028-01-01..2029-01-01"),
            ("early next year", "2027-01-01..2027-05-02"),
            ("the second half of october", "2026-10-16..2026-11-01"),
            ("first weekend of november", "2026-11-07..2026-11-09"),
            ("last weekend in october", "2026-10-31..2026-11-02"),
            ("the last two weeks of november", "2026-11-17..2026-12-01"),
            ("first ten days of december", "2026-12-01..2026-12-11"),
            ("second to last friday of october", "2026-10-23"),
            ("penultimate monday of november", "2026-11-23"),
            ("week 40", "2026-09-28..2026-10-05"),
        ],
        &context(),
    );
}

#[test]
fn beside_another_day() {
    check(
        &[
            ("the week after thanksgiving", "2026-11-30..2026-12-07"),
            ("weekend before halloween", "2026-10-24..2026-10-26"),
            ("the weekend of the 26th", "2026-09-26..2026-09-28"),
            ("memorial day weekend", "2027-05-29..2027-06-01"),
            ("the first of the year", "2027-01-01"),
            ("the friday before thanksgiving", "2026-11-20"),
            ("the eve of christmas", "2026-12-24"),
            ("leap day", "2028-02-29"),
            ("friday after this one", "2026-09-25"),
            ("not this friday but the next", "2026-09-25"),
            ("the wednesday coming", "2026-09-16"),
        ],
        &context(),
    );
}

#[test]
fn ranges_and_alternatives() {
    check(
        &[
            ("between the 25th and the 5th", "2026-09-25..2026-10-06"),
            ("the 21st, 22nd or 23rd", "2026-09-21"),
            ("from now until friday", "2026-09-15..2026-09-19"),
            ("mon to thu", "2026-09-21..2026-09-25"),
            ("wed or thu next week", "2026-09-23"),
            ("this afternoon or tomorrow morning", "2026-09-15T12:00..2026-09-15T17:00"),
            ("tomorrow 10am until thursday 4pm", "2026-09-16T10:00..2026-09-17T16:00"),
            ("3 or 4 on friday", "2026-09-18T15:00"),
        ],
        &context(),
    );
}

#[test]
fn bounds() {
    check(
        &[
            ("after 5 but before 7", "17:00..19:00"),
            ("not after 4", "..16:00"),
            ("nothing after 3", "..15:00"),
            ("no earlier than 9", "09:00.."),
            ("2 at the latest", "..14:00"),
            ("earliest 4", "16:00.."),
            ("by close of business friday", "2026-09-18T15:00..2026-09-18T18:00"),
            ("after dinner tomorrow", "2026-09-16T19:00.."),
            ("between now and friday", "2026-09-15..2026-09-19"),
        ],
        &context(),
    );
}

#[test]
fn text_speak() {
    check(
        &[
            ("tom at 4", "2026-09-16T16:00"),
            ("1015 on wed", "2026-09-16T10:15"),
            ("10-5 at noon", "2026-10-05T12:00"),
            ("sat 10/3 2:30p", "2026-10-03T14:30"),
            ("nxt sat 11a", "2026-09-26T11:00"),
            ("how bout 10 30 thurs", "2026-09-17T10:30"),
            ("tmrw eve", "2026-09-16T17:00..2026-09-16T20:00"),
            ("wk of the 28th", "2026-09-28..2026-10-05"),
            ("sept 21-23", "2026-09-21..2026-09-24"),
            ("beg of nov", "2026-11-01..2026-11-11"),
            ("qtr to 5", "16:45"),
            ("satuday, setp 26", "2026-09-26"),
            ("i get off at 5 so 6 on friday", "2026-09-18T18:00"),
            ("@4 tmr", "2026-09-16T16:00"),
        ],
        &context(),
    );
}

#[test]
fn days_and_times_on_both_sides() {
    check(
        &[
            ("from wednesday at 9 to friday at 5", "2026-09-16T09:00..2026-09-18T17:00"),
            ("friday 11pm until 2am saturday", "2026-09-18T23:00..2026-09-19T02:00"),
            ("sept 28, mon, 4pm", "2026-09-28T16:00"),
            ("away until the 24th, anything after that?", "2026-09-24.."),
            ("on or after october 6th", "2026-10-06.."),
            ("the weekend after this one", "2026-09-26..2026-09-28"),
            ("a week friday", "2026-09-25"),
            ("the day after next", "2026-09-17"),
            ("10/2027", "2027-10-01..2027-11-01"),
            ("the third quarter of 2027", "2027-07-01..2027-10-01"),
            ("twenty to noon", "11:40"),
            ("noon thirty", "12:30"),
            ("5 not 4", "17:00"),
            ("2.. actually 3", "15:00"),
            ("thurs, otherwise fri", "2026-09-17"),
            ("i work til 5 so 530 thurs", "2026-09-17T17:30"),
        ],
        &context(),
    );
}
