//! The lexicon: what single words mean for dates and times, how they are misspelt or abbreviated in texts, and their
//! Spanish forms.  The cue classes of `cues` are looked up through the same table.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Weekday;

use super::cues::{self, CueSet};
use super::when::PartOfDay;

/// What a word means for dates and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    None,
    Weekday(Weekday),
    Month(u32),
    Unit(Unit),
    Part(PartOfDay),
    /// "three"
    Count(u32),
    /// "third"
    Nth(u32),
    Am,
    Pm,
    Noon,
    Midnight,
    Today,
    Tomorrow,
    Tonight,
    Yesterday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

const MEANINGS: &[(&str, Meaning)] = {
    use Meaning::{Am, Count, Midnight, Month, Noon, Nth, Part, Pm, Today, Tomorrow, Tonight, Unit as U, Yesterday};
    use PartOfDay::{Afternoon, Evening, Lunch, Morning, Night};
    &[
        ("monday", Meaning::Weekday(Weekday::Mon)),
        ("tuesday", Meaning::Weekday(Weekday::Tue)),
        ("wednesday", Meaning::Weekday(Weekday::Wed)),
        ("thursday", Meaning::Weekday(Weekday::Thu)),
        ("friday", Meaning::Weekday(Weekday::Fri)),
        ("saturday", Meaning::Weekday(Weekday::Sat)),
        ("sunday", Meaning::Weekday(Weekday::Sun)),
        ("january", Month(1)),
        ("february", Month(2)),
        ("march", Month(3)),
        ("april", Month(4)),
        ("may", Month(5)),
        ("june", Month(6)),
        ("july", Month(7)),
        ("august", Month(8)),
        ("september", Month(9)),
        ("october", Month(10)),
        ("november", Month(11)),
        ("december", Month(12)),
        ("minute", U(Unit::Minute)),
        ("hour", U(Unit::Hour)),
        ("day", U(Unit::Day)),
        ("week", U(Unit::Week)),
        ("month", U(Unit::Month)),
        ("year", U(Unit::Year)),
        ("morning", Part(Morning)),
        ("lunch", Part(Lunch)),
        ("afternoon", Part(Afternoon)),
        ("evening", Part(Evening)),
        ("night", Part(Night)),
        ("one", Count(1)),
        ("two", Count(2)),
        ("three", Count(3)),
        ("four", Count(4)),
        ("five", Count(5)),
        ("six", Count(6)),
        ("seven", Count(7)),
        ("eight", Count(8)),
        ("nine", Count(9)),
        ("ten", Count(10)),
        ("eleven", Count(11)),
        ("twelve", Count(12)),
        ("thirteen", Count(13)),
        ("fourteen", Count(14)),
        ("fifteen", Count(15)),
        ("sixteen", Count(16)),
        ("seventeen", Count(17)),
        ("eighteen", Count(18)),
        ("nineteen", Count(19)),
        ("twenty", Count(20)),
        ("thirty", Count(30)),
        ("forty", Count(40)),
        ("fifty", Count(50)),
        ("sixty", Count(60)),
        ("first", Nth(1)),
        ("second", Nth(2)),
        ("third", Nth(3)),
        ("fourth", Nth(4)),
        ("fifth", Nth(5)),
        ("sixth", Nth(6)),
        ("seventh", Nth(7)),
        ("eighth", Nth(8)),
        ("ninth", Nth(9)),
        ("tenth", Nth(10)),
        ("eleventh", Nth(11)),
        ("twelfth", Nth(12)),
        ("thirteenth", Nth(13)),
        ("fourteenth", Nth(14)),
        ("fifteenth", Nth(15)),
        ("sixteenth", Nth(16)),
        ("seventeenth", Nth(17)),
        ("eighteenth", Nth(18)),
        ("nineteenth", Nth(19)),
        ("twentieth", Nth(20)),
        ("thirtieth", Nth(30)),
        ("am", Am),
        ("pm", Pm),
        ("noon", Noon),
        ("midnight", Midnight),
        ("today", Today),
        ("tomorrow", Tomorrow),
        ("tonight", Tonight),
        ("yesterday", Yesterday),
    ]
};

/// Abbreviations, text speak and frequent misspellings: the plain word, then the forms that stand for it.
const SPELLINGS: &[(&str, &str)] = &[
    ("monday", "mon mond mondays mons"),
    ("tuesday", "tue tues tuesdays"),
    ("wednesday", "wed weds wednes wednesdays wedn"),
    ("thursday", "thu thur thurs thursdays"),
    ("friday", "fri fridays frid"),
    ("saturday", "sat sats saturdays"),
    ("sunday", "sun suns sundays"),
    ("january", "jan"),
    ("february", "feb febr febuary"),
    ("march", "mar"),
    ("april", "apr"),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep sept"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
    ("minute", "min mins minutes minute"),
    ("hour", "hr hrs hours"),
    ("day", "days"),
    ("week", "weeks wk wks"),
    ("month", "months mo mos mth mths"),
    ("year", "years yr yrs"),
    ("morning", "mornings morn mornin mornings am's"),
    ("lunch", "lunchtime lunchtimes"),
    ("afternoon", "afternoonish afternoons aft aftn afternn arvo noonafter"),
    ("evening", "eveningish evenings eve evenin eves"),
    ("night", "nights nite nites nt"),
    ("noon", "midday middays noontime"),
    ("midnight", "midnite"),
    ("today", "tday 2day tdy"),
    (
        "tomorrow",
        "tmrw tmr tmw tmrow tomm tomo tomoro tomorro tomorow tommorow tommorrow tomrow tmro tmoro 2moro 2morrow 2mrw 2morow tmmrw",
    ),
    ("tonight", "tonite 2nite 2night tnite tonght 2nt"),
    ("next", "nxt nex nexxt"),
    ("weekend", "wknd wkend weekends wknds"),
    ("anyone", "any1"),
    ("someone", "some1"),
    ("before", "b4 befor"),
    ("after", "aftr"),
    ("later", "l8r ltr"),
    ("late", "l8"),
    ("great", "gr8 grt"),
    ("between", "btwn betw beetween"),
    ("around", "arnd arround aroun"),
    ("until", "till til untill"),
    ("through", "thru"),
    ("with", "w"),
    ("and", "n"),
    ("you", "u yall"),
    ("your", "ur"),
    ("are", "r"),
    ("please", "pls plz pleas plse pleaz plez"),
    ("thanks", "thx thnx thanx tks thks tnx thnks thansk thnx"),
    ("thank", "thnk thk"),
    (
        "appointment",
        "appt appts apt appointments appoint apptmt appointmnt appoitment apointment appointement appointmet",
    ),
    ("people", "ppl peeps"),
    ("because", "cuz coz bc"),
    ("something", "smth somethin sumthing"),
    ("about", "abt bout"),
    ("what", "wat wut whut"),
    ("reschedule", "resched reschdule reschedul resked"),
    ("schedule", "sched skedule shedule"),
    ("cancel", "cancle cancell canel cancl"),
    ("confirm", "cnfrm confrm"),
    ("text", "txt"),
    ("texts", "txts"),
    ("texting", "txting txtng"),
    ("message", "msg mssg"),
    ("messages", "msgs mssgs"),
    ("messaging", "msging"),
    ("stop", "stp sotp stpo stopp"),
    ("unsubscribe", "unsub unsubcribe unsuscribe unsubscibe unsubscribed"),
    ("available", "avail availible availabe avalable"),
    ("availability", "availabilty"),
    ("oclock", "o'clock"),
    ("going", "gonna"),
    ("want", "wanna"),
    ("have", "hv"),
    ("got", "gotta"),
    ("for", "4r"),
    ("the", "teh da"),
];

/// Spanish words as the English ones that play their part.  Used only in a text that looks Spanish.
const SPANISH: &[(&str, &str)] = &[
    ("monday", "lunes"),
    ("tuesday", "martes"),
    ("wednesday", "miercoles"),
    ("thursday", "jueves"),
    ("friday", "viernes"),
    ("saturday", "sabado sabados"),
    ("sunday", "domingo domingos"),
    ("january", "enero"),
    ("february", "febrero"),
    ("march", "marzo"),
    ("april", "abril"),
    ("may", "mayo"),
    ("june", "junio"),
    ("july", "julio"),
    ("august", "agosto"),
    ("september", "septiembre setiembre"),
    ("october", "octubre"),
    ("november", "noviembre"),
    ("december", "diciembre"),
    ("minute", "minuto minutos"),
    ("hour", "hora horas"),
    ("day", "dia dias"),
    ("week", "semana semanas"),
    ("month", "mes meses"),
    ("weekend", "finde"),
    ("afternoon", "tarde"),
    ("night", "noche"),
    ("noon", "mediodia"),
    ("midnight", "medianoche"),
    ("today", "hoy"),
    ("tomorrow", "manana"),
    ("morning", "madrugada"),
    ("next", "proximo proxima proximos siguiente"),
    ("this", "este esta"),
    ("of", "de del"),
    ("the", "el la los las"),
    ("at", "a"),
    ("in", "por en dentro"),
    ("after", "despues pasado pasada"),
    ("before", "antes"),
    ("between", "entre"),
    ("until", "hasta"),
    ("from", "desde"),
    ("and", "y"),
    ("or", "o"),
    ("to", "al"),
    ("half", "media"),
    ("quarter", "cuarto"),
    ("one", "una un uno"),
    ("two", "dos"),
    ("three", "tres"),
    ("four", "cuatro"),
    ("five", "cinco"),
    ("six", "seis"),
    ("seven", "siete"),
    ("eight", "ocho"),
    ("nine", "nueve"),
    ("ten", "diez"),
    ("eleven", "once"),
    ("twelve", "doce"),
    ("thirteen", "trece"),
    ("fourteen", "catorce"),
    ("fifteen", "quince"),
    ("sixteen", "dieciseis"),
    ("seventeen", "diecisiete"),
    ("eighteen", "dieciocho"),
    ("nineteen", "diecinueve"),
    ("twenty", "veinte"),
    ("thirty", "treinta"),
    ("first", "primero primera primer"),
    ("second", "segundo segunda"),
    ("third", "tercero tercera tercer"),
    ("last", "ultimo ultima"),
    ("yes", "si claro simon vale"),
    ("hello", "hola buenas buenos saludos"),
    ("thanks", "gracias"),
    ("goodbye", "adios chao"),
    ("help", "ayuda ayudame"),
    ("please", "porfavor porfa favor"),
    ("cancel", "cancelar cancela cancelen cancelo cancele anular"),
    ("move", "cambiar mover cambio cambia cambie"),
    ("reschedule", "reprogramar reagendar"),
    ("book", "agendar reservar agenda reserva agende reserve"),
    ("appointment", "cita citas turno reservacion"),
    ("want", "quiero quisiera necesito gustaria queria"),
    ("need", "hacer"),
    ("texting", "mandarme escribirme enviarme escribir mandar enviar textear textearme"),
    ("unsubscribe", "quitame quitenme borrame borrenme eliminame eliminenme saquenme"),
    ("stop", "dejen deja dejar deje alto parar pare paren detener basta"),
    ("confirm", "confirmo confirmar confirmada"),
    ("perfect", "perfecto bueno bien"),
    ("available", "disponible disponibles disponibilidad libre"),
    ("have", "tienen tiene hay"),
    ("when", "cuando"),
    ("what", "que cual"),
    ("person", "persona humano alguien agente recepcionista"),
    ("speak", "hablar"),
    ("with", "con"),
    ("my", "mi"),
    ("not", "ya"),
    ("send", "manden mandes envien envies mande"),
    ("messages", "mensajes mensaje textos"),
    ("more", "mas"),
];

/// Words that show the language, with how strongly.  Positive is Spanish.
const LANGUAGE: &[(i32, &str)] = &[
    (
        3,
        "hola gracias manana hoy lunes martes miercoles jueves viernes sabado domingo cita citas quiero quisiera necesito \
         cancelar cancela cambiar agendar reservar ayuda adios porfavor cuando tienen hay alto parar baja gustaria puedo \
         confirmo reprogramar reagendar mensajes enero febrero marzo abril mayo junio julio agosto septiembre octubre \
         noviembre diciembre perfecto tarde noche mediodia semana buenas buenos alguien persona hablar pasado proximo \
         proxima si claro vale despues manden envien disponible bien dentro quince primero segunda primera espanol siguiente",
    ),
    (
        1,
        "el la los las de del por favor para una un y con mi que en al mas ya otro otra dia dias hora horas dos tres cuatro cinco esta",
    ),
    (
        -1,
        "the my to i you is at on for and in of it can please yes we me this that next do have not appointment no thanks \
         want need book cancel with your what when time hi hello ok",
    ),
];

/// Words with digits in them that are one word.
const MIXED: &[&str] = &[
    "2nite", "2night", "2nt", "2day", "2moro", "2morrow", "2mrw", "2morow", "any1", "some1", "b4", "l8r", "l8", "gr8",
    "4r", "m8", "2marrow", "w8", "no1", "every1",
];

/// Long words worth recognising one or two slips away.
const FORGIVEN: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "august",
    "september",
    "october",
    "november",
    "december",
    "tomorrow",
    "tonight",
    "morning",
    "afternoon",
    "evening",
    "appointment",
    "reschedule",
    "schedule",
    "cancel",
    "confirm",
    "available",
    "availability",
    "unsubscribe",
    "weekend",
    "haircut",
    "cleaning",
];

#[derive(Debug, Clone, Copy)]
struct Entry {
    word: &'static str,
    /// The plain word this one stands for, if it is a variant.
    plain: Option<&'static str>,
    spanish: Option<&'static str>,
    meaning: Meaning,
    cues: CueSet,
    language: i32,
}

static LEXICON: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut lexicon: HashMap<&'static str, Entry> = HashMap::with_capacity(2048);
    fn entry<'a>(lexicon: &'a mut HashMap<&'static str, Entry>, word: &'static str) -> &'a mut Entry {
        lexicon.entry(word).or_insert(Entry {
            word,
            plain: None,
            spanish: None,
            meaning: Meaning::None,
            cues: CueSet::default(),
            language: 0,
        })
    }
    for (word, meaning) in MEANINGS {
        entry(&mut lexicon, word).meaning = *meaning;
    }
    for (word, class) in cues::members() {
        let entry = entry(&mut lexicon, word);
        entry.cues = entry.cues.with(class);
    }
    for (plain, variants) in SPELLINGS {
        for variant in variants.split_ascii_whitespace().filter(|variant| variant != plain) {
            entry(&mut lexicon, variant).plain = Some(plain);
        }
    }
    for (plain, variants) in SPANISH {
        for variant in variants.split_ascii_whitespace() {
            entry(&mut lexicon, variant).spanish = Some(plain);
        }
    }
    for (weight, words) in LANGUAGE {
        for word in words.split_ascii_whitespace() {
            entry(&mut lexicon, word).language = *weight;
        }
    }
    lexicon
});

/// The word that `word` stands for, when it is an abbreviation, a slip of the keys or Spanish.
pub(super) fn canonical(word: &str, spanish: bool, after_article: bool) -> Option<&'static str> {
    let known = LEXICON.get(word);
    if let Some(entry) = known {
        if spanish && after_article && word == "manana" {
            return Some("morning");
        }
        if spanish && entry.spanish.is_some() {
            return entry.spanish;
        }
        return entry.plain;
    }
    let plain = shortened(word).or_else(|| forgiven(word))?;
    LEXICON.get(plain).and_then(|entry| entry.plain).or(Some(plain))
}

/// Meaning and cue classes of a canonical word.
pub(super) fn look_up(word: &str) -> (Meaning, CueSet) {
    LEXICON.get(word).map_or((Meaning::None, CueSet::default()), |entry| (entry.meaning, entry.cues))
}

/// How strongly `word` speaks for Spanish (positive) or English (negative).
pub(super) fn language_weight(word: &str) -> i32 {
    LEXICON.get(word).map_or(0, |entry| entry.language)
}

/// Whether letters and digits of `run` form one word ("2nite") rather than a number with a unit ("3pm").
pub(super) fn is_mixed_word(run: &str) -> bool {
    MIXED.contains(&run)
}

/// A known word whose letters were held down ("stoppp", "heyyy").
fn shortened(word: &str) -> Option<&'static str> {
    let bytes = word.as_bytes();
    if !word.is_ascii() || !bytes.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]) {
        return None;
    }
    [1, 2].into_iter().find_map(|keep| {
        let mut short = String::with_capacity(word.len());
        for (index, c) in word.char_indices() {
            let run = bytes[..index].iter().rev().take_while(|byte| **byte == c as u8).count();
            let longer = bytes[index + 1..].iter().take_while(|byte| **byte == c as u8).count() + run + 1 >= 3;
            if !longer || run < keep {
                short.push(c);
            }
        }
        LEXICON.get(short.as_str()).map(|entry| entry.word)
    })
}

/// A long known word one slip away (two when it has eight letters or more).
fn forgiven(word: &str) -> Option<&'static str> {
    if word.len() < 5 || !word.is_ascii() {
        return None;
    }
    FORGIVEN.iter().copied().find(|known| {
        let allowed = if known.len() >= 8 { 2 } else { 1 };
        known.len().abs_diff(word.len()) <= allowed
            && known.as_bytes()[0] == word.as_bytes()[0]
            && slips(known.as_bytes(), word.as_bytes()) <= allowed
    })
}

/// Insertions, deletions, replacements and swaps of neighbours between two short words.
fn slips(a: &[u8], b: &[u8]) -> usize {
    const LONGEST: usize = 24;
    if a.len() >= LONGEST || b.len() >= LONGEST {
        return usize::MAX;
    }
    let mut before = [0usize; LONGEST];
    let mut last: [usize; LONGEST] = std::array::from_fn(|column| column);
    for row in 1..=a.len() {
        let mut current = [0usize; LONGEST];
        current[0] = row;
        for column in 1..=b.len() {
            let replaced = last[column - 1] + usize::from(a[row - 1] != b[column - 1]);
            let mut best = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            if row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1] {
                best = best.min(before[column - 2] + 1);
            }
            current[column] = best;
        }
        before = last;
        last = current;
    }
    last[b.len()]
}
