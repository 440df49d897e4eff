//! Cue classes: groups of words that play the same part in what somebody wants.  The patterns of `opt_out`, `asked` and
//! `questions` are written in terms of them, so that a synonym is added in one place; the classifier sees them too.

/// A set of cue classes; bit `n` is the `n`th class of `CLASSES`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CueSet(u128);

impl CueSet {
    pub(super) fn with(self, class: usize) -> Self {
        Self(self.0 | 1 << class)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The classes of the set that tell what a text wants: not the second to fifth, which serve to take it apart.
    pub(super) fn telling(self) -> impl Iterator<Item = u8> {
        const STRUCTURAL: u128 = 0b1_1110;
        let mut rest = self.0 & !STRUCTURAL;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let class = rest.trailing_zeros() as u8;
                rest &= rest - 1;
                class
            })
        })
    }
}

/// Class of the tokens that speak of time; set by the lexer, not listed.
const TIME: &str = "time";

/// Class of the words at which a phrase about time may begin.
const OPENER: &str = "opener";

/// Class of the words that carry no meaning of their own.
const FUNCTION: &str = "function";

/// Class of the words that may stand before a sentence proper.
const LEADING: &str = "leading";

/// Class of the words that may trail after one.
const TRAILING: &str = "trailing";

/// Class name, members.  A word may be in several classes.
const CLASSES: &[(&str, &str)] = &[
    (TIME, "weekend"),
    // Words that may begin a phrase about time although they mean nothing by themselves.
    (
        OPENER,
        "the in a an this next coming following upcoming current from between half quarter mid middle early \
         earlier late later end beginning start first last rest within over less more couple few same that \
         for weekend week good black new nye christmas xmas thanksgiving halloween easter juneteenth memorial \
         labor labour presidents president veterans veteran columbus indigenous mothers mother fathers father \
         independence valentine valentines vday st saint mlk martin boxing navidad eod cob noonish tail \
         latter remainder at by during after before sometime around very all am pm fortnight midweek front back halfway \
         midway q quarter under inside several final whole within past previous cyber ash palm penultimate canada australia mardi shrove fat pancake dinner supper tom either groundhog leap cinco fourth \
         night room suite size number option tooth apt apartment unit highway level gate choice flight order invoice \
         ticket case ref reference confirmation code pin step chapter page version model bus route exit channel floor \
         building bldg lot extension ext grade zip account id item part phase stage guard shade formula box po row seat \
         table station chair aisle dose ios covid vitamin line no not btw close now right eve happy merry night",
    ),
    // Closed-class words, and the few others that comment on a time just named ("3 works", "friday pls").
    (
        FUNCTION,
        "a an the my your his her our their its this that these those and or but nor so if then than as at in on for to \
         from of by with without about around after before between until through during since per i you he she it we \
         they me us him them who whom whose what which when where why how is are was were be been being am do does did \
         has have had can could will would should shall may might must cant cannot couldnt wont dont doesnt didnt isnt \
         arent wasnt not no yes ok okay please thanks thank too also just only maybe perhaps probably instead again \
         still already now there here any some all both either neither else each every due because while cause though \
         although unless hopefully ideally latest earliest max tops sharp im ill id ive whats thats theres its \
         were youre lets up out off over back away down well very really much more most works work good great fine \
         perfect better best possible preferably preferred available open free yeah yep sure actually possibly \
         anytime sometime x xx xo ish onwards onward lol haha hey hi hello sorry cool nice though tho cuz plus vs versus w \
         sounds sound seems suits would wanted need want like prefer if together along later earlier too soon next coming following \
         upcoming current first last early late mid middle end beginning start half within over less rest weekend week \
         today",
    ),
    (LEADING, "um uh oh hmm well so hey please sorry actually and also then but ah omg lol hi hello"),
    (TRAILING, "please x xx lol haha sir maam guys mate bro dude dear hun tho"),
    (
        "yes",
        "yes yeah yep yup yea mhmm mmhmm yess yeh yah yas yer aye sure ok okay k kk okey okie absolutely definitely certainly \
         affirmative obviously mhm concur correct confirmed agreed indeed totally roger alright yessir surely exactly",
    ),
    ("no", "no nope nah naw nop negative negatory noo nay nuh"),
    (
        "not",
        "not dont doesnt didnt isnt wont cant cannot wouldnt arent aint havent hasnt wasnt couldnt shouldnt never no",
    ),
    (
        "good",
        "good great fine perfect awesome excellent cool nice wonderful fantastic lovely super ideal amazing okay ok right \
         alright accurate correct true swell terrific brilliant best sweet dope lit fab marvelous exactly interesting \
         decent better optimal promising",
    ),
    ("works", "works work worked suits suit working"),
    ("that", "that thats this it its which those these all everything they there one"),
    ("sounds", "sounds sound seems seem looks look sounding"),
    (
        "thanks",
        "thanks thank thankful thanku thankyu thxs gratitude appreciate appreciated appreciates grateful gracias ty tysm tyvm thankyou 🙏",
    ),
    ("bye", "bye goodbye goodnight gn cya byebye ciao ttyl farewell regards adieu laters cheerio"),
    ("hello", "hi hello hey gm hiya hola heya heyo howdy greetings yo sup wassup whatsup whaddup hii hai aloha"),
    ("book", "book schedule reserve booking arrange scheduled scheduling booked reserved reserving reserver"),
    ("make", "make set get create add put fix setup making getting place plan squeeze pencil slot fit sign give"),
    (
        "visit",
        "appointment visit session reservation reservations booking meeting consultation consult slot spot checkup \
         checkups meetings event events table bookings appointments visits sessions exam reserve",
    ),
    (
        "service",
        "haircut haircuts trim cut color colour cleaning checkup physical dentist doctor therapist psychologist \
         psychiatrist salon stylist barber massage facial manicure pedicure nails waxing wax dermatologist gynecologist \
         pediatrician practitioner counselor hairdresser optometrist clinic exam filling crown tattoo shampoo highlights \
         lashes brows groom groomed grooming vaccine shot xray crown removal beard tune tooth teeth hairstylist hygienist physician orthodontist \
         chiropractor dr doc fade brows hairstylists dentists doctors therapists salons gp stylists specialist consultation \
         ophthalmologist oncologist dental haircutter psychiatrists counselors provider hair shop therapy root",
    ),
    (
        "want",
        "want need like wish prefer love wants needs wanted looking hoping trying interested wanting needing require \
         desire rather hope",
    ),
    (
        "find",
        "find search look get see suggest recommend looking show searching locate seeing tell give check help searh",
    ),
    ("cancel", "cancel cancelling canceling unbook cancels unschedule uncancel"),
    ("cancelled", "cancelled canceled cancellation cancelation cancels"),
    (
        "drop",
        "scratch drop delete remove erase void scrap nix forget ditch kill axe dump release trash bin scrub strike",
    ),
    (
        "move",
        "reschedule move rescheduling rescheduled switch postpone rebook moved rearrange bump swap shift moving delay flip trade slide",
    ),
    ("change", "change changed changing update modify edit alter adjust"),
    (
        "person",
        "person human someone somebody representative agent receptionist operator staff manager rep supervisor \
         secretary desk people employee owner office anybody real live reception attendant admin boss nurse coordinator \
         scheduler",
    ),
    (
        "talk",
        "talk speak call connect transfer chat reach ring patch talking speaking discuss discussing conversation convo",
    ),
    ("ask", "what whats when whens where wheres who whos how hows which why is are do does did can could will would"),
    ("wh", "what whats where wheres who whos how hows which why whose whom"),
    (
        "open",
        "open free unoccupied vacant spare clear available availability openings opening avail availabilities vacancies vacancy openings opens",
    ),
    ("any", "any anything anyone anytime some something anybody anywhere"),
    ("other", "other another else different alternative alternatives others more additional elses"),
    (
        "options",
        "option options choice choices time times day days salon salons doctor doctors dentist dentists therapist \
         therapists stylist place places one ones hour hours date dates slot slots provider providers suggestion \
         suggestions spot openings psychologist dermatologist gynecologist results result somebody someone appointment \
         practitioner counselor shop options list",
    ),
    (
        "fact",
        "address phone number rating ratings reviews located location cost price costs prices parking insurance unisex \
         cosmetic contact telephone hours website email street average charge fee fees pay expensive cheap offer \
         services call map directions policy discount specials deposit title humidity weather temperature accept take \
         offers rated reviewed specialize specialty",
    ),
    ("all", "all everything nothing anything enough done it else"),
    ("me", "me us myself my our mine i we im"),
    ("you", "you your ai bot robot"),
    ("can", "can could would will may might should cannot shall"),
    ("please", "please kindly"),
    ("stop", "stop stopping quit cease discontinue end halt unsubscribe desist stops"),
    (
        "texts",
        "text texts pings pinging pinged texting message messages messaging sms notifications notification alerts alert reminders reminder \
         contacting communication communications correspondence messaged msgs spam spamming emails texted promos promotions marketing ads blasts updates mms \
         contact messenging",
    ),
    (
        "texting",
        "texting messaging contacting spamming bugging messenging bothering harassing text message contact spam bother harass \
         pinging ping pestering pester hounding annoying",
    ),
    (
        "list",
        "list lists database subscription subscriptions system program distribution campaign contacts records rolodex",
    ),
    ("off", "off out"),
    (
        "remove",
        "remove take delete drop get unenroll unregister removed erase block opt exclude wipe pull strike scrub",
    ),
    ("send", "send sending sends sent receive receiving get getting want need wanting getting"),
    (
        "resume",
        "resume restart start unstop subscribe resubscribe continue enable reactivate rejoin optin turn sign join add begin reinstate restore",
    ),
    ("late", "late outside parked here running stuck traffic"),
    ("have", "have has had got having hold"),
    ("be", "is are am be was were been being isnt arent im its"),
    ("go", "go goes come going coming get visit attend stop swing pop drop stopping popping walk make"),
    ("confirm", "confirm confirming confirms"),
    ("wrong", "wrong incorrect false mistaken untrue falsehood inaccurate error mistake lie"),
    ("pick", "take choose pick select prefer choosing taking"),
    ("article", "a an the my our this that your another"),
    ("i", "i we im ive id"),
    ("last", "last previous past yesterday earlier before"),
    ("calendar", "calendar schedule scheduled agenda planned plans appointments events"),
    ("help", "help useful assist assistance info information menu instructions commands support helpme"),
    // What people ask other assistants and businesses for.
    (
        "elsewhere",
        "bank banking debit credit loan mortgage paycheck payday savings checking landlord rent lease flight flights hotel \
         hotels passport passports luggage airport airline airlines recipe recipes cook calories oven rice song songs music \
         playlist volume movie movies tv netflix hulu spotify youtube channel game games lights lamp bulb thermostat \
         alarm speaker alexa siri translate weather forecast temperature psi stock stocks crypto \
         bitcoin tax taxes irs president capital population wikipedia google definition spell joke jokes trivia package \
         uber lyft taxi cab pizza sushi burger ingredients grocery groceries password wifi router laptop printer \
         newsletter magazine gym restaurant restaurants tickets concert \
         bluetooth download podcast spanish korean french japanese german percent",
    ),
    ("consent", "consent permission authorization authorisation authorize authorized agreement agree signed"),
    (
        "law",
        "fcc tcpa ftc lawyer attorney lawsuit sue suing legal legally illegal registry harassment dnc complaint report \
         reporting authorities",
    ),
    ("fed_up", "tired sick fed annoyed enough done bothered irritated irritating"),
    ("contact", "text texting message messaging contact contacting call calling msg spam bother write ping reach"),
    ("these", "these this those them it that here anything more"),
    ("swear", "fuck fucking f screw hell damn shit"),
];

/// The classes and their members, one pair each.
pub(super) fn members() -> impl Iterator<Item = (&'static str, usize)> {
    CLASSES
        .iter()
        .enumerate()
        .flat_map(|(class, (_, words))| words.split_ascii_whitespace().map(move |word| (word, class)))
}

/// The class called `name`.
pub(super) fn class(name: &str) -> Option<CueSet> {
    CLASSES.iter().position(|(known, _)| *known == name).map(|class| CueSet::default().with(class))
}

/// The class of tokens that speak of time.
pub(super) fn time() -> CueSet {
    CueSet::default().with(0)
}

/// Words that may stand before the sentence proper.
pub(super) fn leading() -> CueSet {
    CueSet::default().with(3)
}

/// Words that may trail after the sentence proper.
pub(super) fn trailing() -> CueSet {
    CueSet::default().with(4)
}

/// The class of words that may begin a phrase about time.
pub(super) fn opener() -> CueSet {
    CueSet::default().with(1)
}
