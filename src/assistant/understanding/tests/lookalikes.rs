//! Texts that only look like dates and times: money, sizes, counts, names, idioms, wishes, what is over.

use super::super::understand;
use super::{context, short};

/// One after another, between bars.
const TEXTS: &str = "\
    john 3:16 | we lost 3-2 | 3 to 1 odds | the score was 5-3 | 24/7 | 3/4 cup of sugar | it costs 3.30 | \
    3.30 dollars | $3.30 | £12 | 12 bucks | call me at 415 555 0112 | my number is (415) 555-0134 | \
    +1 415 555 0199 | 1600 Pennsylvania ave | 123 Main St | I'm at 12 Oak Lane | apt 5 | flight 304 | order 1123 | \
    order #4431 | confirmation number 38291 | room 5 | version 2.1 | iOS 17 | windows 11 | size 8 | she is 5 | \
    he's 5 years old | my 3 year old | I'm 34 | 5'10 | 6 ft 2 | 150 lbs | 20% | 3 people | 3 of us | \
    2 adults 1 child | party of 3 | table for 4 | is April working | can I see June | with April please | \
    I want an appointment with June | August is my son | ask for May | Summer does my nails | Sunday Smith | \
    Wednesday Addams | TGI Fridays | ruby tuesday | may I come in | may be | I may | march up the stairs | mar | \
    second opinion | give me a second | just a sec | one second | wait a minute | give me a minute | \
    the sun is shining | sun damage | sat down | mon ami | we wed last year | fall down | spring roll | \
    spring in my step | easter egg | christmas tree lights | black friday deal | new years resolution | one day | \
    day one | day off | back in the day | call it a day | any day now | any day is fine | 24 hour gym | \
    minute detail | once in a while | takes 2 hours | 30 minute massage | I have been waiting for 3 days | \
    I've been waiting 20 minutes | how long does it take | it took 45 minutes | 2 hour session | a 90 min facial | \
    for 2 hours | it lasts 6 weeks | every 6 weeks | 3 times a week | twice a week | once a month | 2 years ago | \
    3 days ago | last week | last month | last year | last friday | last night | yesterday | yesterday at 3 | \
    the other day | good morning | good evening | good night | have a good day | have a nice weekend | \
    have a great night | happy friday | happy monday! | happy new year | merry christmas | happy birthday | \
    morning | what a day | these days | nowadays | all day long | next time | same time | this time | some time | \
    anytime | sometime soon | soon | first come first served | first time customer | my first visit | \
    second visit | third floor | 2nd floor | 5th avenue | 1st grade | the 1st one | 21st birthday | \
    50th anniversary | 1 of 3 | 2 out of 10 | rate it 5 stars | 9/10 would recommend | 7 out of 10 | 4x4 | 2x | \
    b12 shot | vitamin d3 | covid 19 | level 3 | step 2 | chapter 5 | episode 4 | i have 2 kids | my 2 kids | \
    both of us | zip 94110 | 94110 | code 4821 | the code is 4821 | 1 2 3 testing | 123 | channel 5 | bus 22 | \
    highway 101 | exit 4 | #12 | no. 5 | q1 | 3 month old | 6 week puppy | the 5 day forecast | weekend warrior | \
    week long trip | day spa | day care | night guard | night cream | morning sickness | evening gown | \
    afternoon tea menu | midnight blue nails | noon saloon | summer cut | summer dress | winter coat | \
    autumn colors | manic monday | throwback thursday | casual friday | cyber monday sale | taco tuesday | \
    the day of the dead tattoo | mother's day gift card | valentine's day gift | i work nights | i work mornings | \
    hours? | happy hour | rush hour | the hour | man of the hour | a minute ago | in a minute | in a sec | \
    in a bit | in a while | in a few | brb 5 min | running 10 min late | 10 minutes late | 5 min away | \
    running 15 late | i'll be 10 minutes late | i'm 5 minutes out | how many minutes | a month old | \
    month to month | year round | years of experience | 20 years experience | since 1995 | in 1995 | born in 1987 | \
    1987 | DOB 03/14/1987 | my birthday is 3/14/87 | established 2010 | model 2020 | a 2019 honda | win 3 for 2 | \
    2 for 1 | buy 1 get 1 | 2 for 1 deal | 3 in 1 | 1 on 1 | one on one | 4 to 6 people | 2-3 people | \
    a couple of friends | a few questions | few people | half an inch | 1/2 inch | 1.5 inches | 2 inches off | \
    take 3 inches off | an inch and a half | number 4 on the sides | a 2 fade | 3 on the sides | grade 2 | \
    20 20 vision | 5 star hotel | 5k run | 10k | 100 bucks | how much is 1 hour | 60 or 90 minutes | \
    60-90 min massage | the 90 minute one | i've been a client since 2015 | my son turns 5 in a bit | \
    it was like 3 years old | we have 4 cats and 2 dogs | i'll take two | two of them | one more question | \
    one thing | 3 of my friends recommended you | do you have anything under 50 | is it more than 100 | \
    i paid 45 last time | tip 20 percent | the total was 87.50 | can you do it for 60 | \
    what's the difference between 1 and 2 | i live at 220 oak st | it's on 5th and main | the 5 freeway is closed | \
    take the 405 to exit 12 | apt #204 | unit 12b | building 7 | my tracking is 1Z999 | \
    my policy number is 445 2231 09 | member id 88213 | last 4 digits 2231 | code 1234 | i'm 5'4 and 130 | \
    size 7.5 | size 6 ring | a 10 inch braid | 22 inch bundles | number 2 guard | level 7 ash blonde | \
    30 volume developer | 2 kids and me | family of 5 | me plus 3 | 4 ppl | there's 6 of us | just us 2 | \
    like 10 minutes | about an hour | an hour or two | how long is 1 session | is 90 minutes enough | \
    takes me 20 min to get there | it's a 15 minute drive | waited 45 min last time | been there 3 times | \
    every other week | every day | once a week please | bi weekly | monthly | 2x a week | for the last 2 weeks | \
    in the past month | the past few days | a couple weeks ago | a year ago | months ago | the last time i came | \
    last visit | last appointment was great | next time i come | the next patient | next door | next to the bank | \
    first timer | my second time | a third opinion | third party | on the one hand | at one point | at last | \
    at least 3 | at most 2 | by far the best | by the way | for now | until now | up to now | from now on | \
    not now | now i remember | may i ask | you may want to | maybe | it may rain | march on | april is my sister | \
    june told me to come | august did my color | is june there | thanks june | hi may | hey april | \
    autumn did my nails | summer was great | spring water | sun burn | sunburned | sunny day | wed like to know | \
    mon cheri | satin pillowcase | friend | fried chicken | monkey | marching band | second chance | \
    wait a second | sec | hold on a min | a moment | all day | day by day | have a good weekend | \
    enjoy the rest of your day | hope your day is going well | how was your weekend | night | happy holidays | \
    merry xmas | happy thanksgiving | happy mothers day | happy 4th | easter bunny | christmas card | \
    halloween makeup | valentines special | new year sale | black friday special | summer special | \
    weekend special | lunch special | early bird | after hours | power hour | business hours | office hours | \
    24 hours | 24hr | round the clock | o'clock | time | what time | sometime | any time | some day | someday | \
    those days | good old days | it's 90 degrees out | set it at 40 degrees | at 3 percent | i'm at gate 5 | \
    meet at 7 eleven | at forever 21 | at pier 39 | at 24 hour fitness | 5 guys burgers | about 30 bucks | \
    around 200 people | taller by 2 inches | after 2 tries | after 3 kids my back hurts | before i turned 40 | \
    until i'm 30 | he is past 50 | she's over 50 | we won 5-4 | they lost 2-1 | a 3-in-1 | 20/20 vision | \
    dial 911 | call 9-1-1 | my 401k | w-2 form | genesis 1:1 | iphone 15 pro | tesla model 3 | windows 10 laptop | \
    maroon 5 concert | wd-40 | f-150 truck | rated pg 13 | 5/8 inch | 3/8 guard | a 1/8 inch trim | \
    2/3 of the way | 1/2 off | 3/4 sleeve shirt | bp is 120/80 | took 2 weeks to heal | it lasted 3 weeks | \
    i'm 12 weeks pregnant | 3 weeks post op | 6 months old | 3 days straight | a week early | \
    a week of antibiotics | 3 day weekend | two week notice | 90 day warranty | 30 day return policy | \
    30 days free | i waited over an hour | waited over 20 minutes | it's been over 2 weeks | for over a month | \
    in the last 3 days | over the past week | in the past 2 years | the last few weeks | for the past couple days | \
    after 2 years with you guys | after 5 years of pain | sunday funday | sunday roast | saturday night live | \
    friday night lights | monday night football | sunday scaries | friday feeling | girl friday | march madness | \
    may the force be with you | june carter | august wilson | jan is my mom | with jan please | jan said ok | \
    on the march | i'm a morning person | night owl | i work the night shift | morning after pill | \
    good night's sleep | date night | movie night | girls night | midnight snack | night light | in today's world | \
    first of all | at first | first name | 1st place | 2nd base | third wheel | on 5th ave | on 3rd st | \
    on the 2nd floor | the 3rd door on the left | my 3rd baby | on the 5th hole | 18th birthday party | \
    21st century | in 1 piece | comes in 3 colors | in 2 sizes | at the 2:30 mark | isaiah 40:31 | \
    email me at john5@gmail.com | jan5@aol.com | www.site.com/2024/05 | site.com/may-5 | https://x.co/10/12 | \
    #friday | #2 | need a b12 | my L4-L5 disc | 3D nails | 4k tv | h2o | mp3 player | under 50 | for 30 total | \
    5 off | ext 5 | 4 privet drive | i'm 30 | he's 5 | turning 40 | under 18 | over 65 | 21 and over | \
    kids 5 to 10 | ages 5-10 | 12 and under | she'll be 5 | 5-10 minutes | 10-15 min late | 5-10 people | \
    3 to 4 people | 2-3 inches | 3 or 4 inches | one more | one night stand | quarter pounder | \
    a quarter for the meter | 3 quarters of the way | half 2% milk | in a moment | in a jiffy | in no time | \
    in time | on time | about time | just in time | time after time | every week | a week's pay | weekly | \
    weekend bag | weekend getaway | hope you had a good weekend | been hurting since monday | since last week | \
    since tuesday night | ever since march | i came in on monday | dr valentine | memorial hospital | \
    independence blvd | mlk blvd | veterans hospital | columbus ohio | new year new me | st patricks cathedral | \
    labor pains | thanksgiving leftovers | easter dress | christmas lights | xmas list | april fools joke | \
    april showers | may flowers | summer camp form | winter is coming | spring for it | fall asleep | fall risk | \
    the fall was bad | I fell on ice | sunscreen | sat in the chair | sat on the couch | we sat at a table | \
    mon frere | dec my house | mar the surface | min | hr department | the hr lady | am i late | am i too early | \
    i am here | pm me | the pm is in charge | noonan | 5 o'clock shadow | day 3 of antibiotics | week 3 of braces | \
    i'm on week 12 | 24 hours notice | 48 hour cancellation policy | 80s music | in the 90s | in her 30s | \
    mid 30s | a 90s kid | on 3 meds | on 20 mg of prozac | scale of 1 to 10 | from 1 to 10 how bad | \
    between 1 and 10 | pain is a 7 | pain level 6 out of 10 | pages 3 to 5 | teeth 3 and 14 | grades 3-5 | \
    2 to 3 times | 1-2 weeks | open 7 days a week | 9 to 5 job | an hour away | 2 hours away | an hour drive | \
    may 5 people come | may 3 of us come in | may my 2 friends join | sat 3 times already | been wed 10 years | \
    sun 2 hours a day | first 5 customers | next 3 people in line | make it 2 people | court 2 | booth 5 | \
    that 1 time | i'll have 2 | 4 hands massage | two at once | one at a time | 1 at a time please | at 50 bucks | \
    at 120 lbs | at 6 ft tall | at 2 locations | at your 2nd location | at my 3rd visit | at 9 months old | \
    at 30 weeks pregnant | at 5'2 | 2 pills a day | twice a day | 3 meals a day | sleep 8 hours | since i was 5 | \
    until she's 18 | by my 40th | before my 21st | my 10 year reunion | 5 year old nephew | my 5 yo | \
    13 yo daughter | the 7 yr old | 10 mo old baby | 2nd grader | 1st baby | 4 day week | hour long wait | \
    minute by minute | second by second | on second thought | second best | sunday best suit | valentines bouquet | \
    mothers day card | fathers day present | presidents | labor | memorial | independence | thanksgiving recipes | \
    halloween costume | christmas carol | holly days | holiday pay | holiday nails | mayo clinic | \
    augusta georgia | april is out sick | is june in | can june do my hair | is may working | ask april | \
    tell june hi | for june | june's chair | april's number | with august | my friend april | my daughter may | \
    her name is june | his name is jan | summer said hi | autumn said yes | mr friday | ms may | room 12 please | \
    suite 300 | apt 5 buzz 12 | code is 1030 | pin 0415 | zip is 30318 | conf # 1145 | order 930 | ticket 245 | \
    invoice 1015 | balance is 230 | owe 145 | pay 230 | total 115 | it's 115 | cost 430 | charged me 215 twice | \
    got 2 of them | 5 stars | 5 star review | 10 out of 10 | 100 percent | 110% | 50 50 | 2 cents | 2 bits | \
    my two cents | a dozen | a hundred times | a million | half a million | one in a million";

#[test]
fn no_time_is_read() {
    let read: Vec<String> = TEXTS
        .split(" | ")
        .map(|text| (text, short(understand(text, &context()).when.as_ref())))
        .filter(|(_, when)| when != "nothing")
        .map(|(text, when)| format!("{text:?}: {when}"))
        .collect();
    assert!(read.is_empty(), "{}", read.join("\n"));
}

#[test]
fn the_same_words_as_times() {
    let texts = [
        ("christmas", "2026-12-25"),
        ("in april", "2027-04-01..2027-05-01"),
        ("april or may", "2027-04-01..2027-05-01"),
        ("sat the 26th", "2026-09-26"),
        ("the sun is out, can I come sun at 2", "2026-09-20T14:00"),
        ("wed at 3", "2026-09-16T15:00"),
        ("2 on the 22nd works", "2026-09-22T14:00"),
        ("room for me at 3:30?", "15:30"),
        ("yesterday was full, is tomorrow ok", "2026-09-16"),
        ("happy to come friday", "2026-09-18"),
        ("my 3 year old needs a cut friday", "2026-09-18"),
    ];
    for (text, wanted) in texts {
        assert_eq!(short(understand(text, &context()).when.as_ref()), wanted, "{text}");
    }
}
