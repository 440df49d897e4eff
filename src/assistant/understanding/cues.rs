//! Cue classes: groups of words that play the same part in what somebody wants.  The patterns of `rules` and
//! `opt_out` are written in terms of them, so that a synonym is added in one place.

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

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Class of the tokens that speak of time; set by the lexer, not listed.
const TIME: &str = "time";

/// Class of the words at which a phrase about time may begin.
const OPENER: &str = "opener";

/// Class name, members.  A word may be in several classes.
const CLASSES: &[(&str, &str)] = &[
    (TIME, ""),
    // Words that may begin a phrase about time although they mean nothing by themselves.
    (
        OPENER,
        "the in a an this next coming following upcoming current from between half quarter mid middle early \
         earlier late later end beginning start first last rest within over less more couple few same that \
         for weekend week good black new nye christmas xmas thanksgiving halloween easter juneteenth memorial \
         labor labour presidents president veterans veteran columbus indigenous mothers mother fathers father \
         independence valentine valentines vday st saint mlk martin boxing navidad eod cob noonish tail \
         latter remainder room suite size number option tooth apt unit highway level gate choice at by during \
         after before sometime around very all am pm fortnight midweek",
    ),
    (
        "yes",
        "yes yeah yep yup yea yess yeh yah yas yer aye sure ok okay k kk okey okie absolutely definitely certainly \
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
        "thanks thank thankful gratitude appreciate appreciated appreciates grateful gracias ty tysm tyvm thankyou 🙏",
    ),
    ("bye", "bye goodbye goodnight cya byebye ciao ttyl farewell regards adieu laters cheerio"),
    ("hello", "hi hello hey hiya hola heya heyo howdy greetings yo sup wassup whatsup whaddup hii hai aloha"),
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
         lashes brows vaccine shot xray crown removal beard tune tooth teeth hairstylist hygienist physician orthodontist \
         chiropractor hairstylists dentists doctors therapists salons gp stylists specialist consultation \
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
    ("cancel", "cancel cancelling canceling unbook cancels"),
    ("cancelled", "cancelled canceled cancellation cancelation cancels"),
    ("drop", "scratch drop delete remove erase void scrap nix forget ditch"),
    ("move", "reschedule move rescheduling rescheduled switch postpone rebook moved bump swap shift moving delay"),
    ("change", "change changed changing update modify edit alter adjust"),
    (
        "person",
        "person human someone somebody representative agent receptionist operator staff manager rep supervisor \
         secretary desk people employee owner office anybody real live reception attendant",
    ),
    ("talk", "talk speak call connect transfer chat reach ring"),
    ("ask", "what whats when whens where wheres who whos how hows which why is are do does did can could will would"),
    ("wh", "what whats where wheres who whos how hows which why whose whom"),
    ("open", "open free available availability openings opening avail availabilities vacancies vacancy openings opens"),
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
        "text texts texting message messages messaging sms notifications notification alerts alert reminders reminder \
         contacting messaged msgs spam spamming emails texted promos promotions marketing ads blasts updates mms \
         contact messenging",
    ),
    (
        "texting",
        "texting messaging contacting spamming messenging bothering harassing text message contact spam bother harass",
    ),
    ("list", "list lists database subscription subscriptions system program distribution campaign contacts records"),
    ("off", "off out"),
    (
        "remove",
        "remove take delete drop get unenroll unregister removed erase block opt exclude wipe pull strike scrub",
    ),
    ("send", "send sending sends sent receive receiving get getting want need wanting getting"),
    (
        "resume",
        "resume restart start unstop subscribe resubscribe continue enable reactivate rejoin optin turn sign join add",
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
    ("help", "help assist assistance info information menu instructions commands support helpme"),
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

/// The class of words that may begin a phrase about time.
pub(super) fn opener() -> CueSet {
    CueSet::default().with(1)
}
