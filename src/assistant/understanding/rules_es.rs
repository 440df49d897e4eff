//! Patterns for Spanish turns of phrase that do not read like the English ones word for word (see `spanish` for the
//! words, which reach the patterns in English).  Tried together with `rules`.

use super::acts::Act;

pub(super) const RULES: &[(Act, &[&str])] = &[
    (Act::OptIn, &["resume at texting|send|text ..3", "resume ..3 messages", "^ want receive ..2 messages"]),
    (Act::Help, &["how works ..2", "no entiendo|comprendo", "what can|haces|hace ..1 make $"]),
    (Act::Lookup, &["when|what ?hour is|was|are|toca|tenia ..1 my appointment", "have ?one appointment ?confirm $"]),
    (
        Act::FreeTimes,
        &[
            "what tal ..3 <time>",
            "have|quedan something|slot|any|available|appointment ..3 <time>|slot",
            "have something|slot|available",
            "when can see ..3",
            "what|when hours|day|days ..1 have",
            "is|are available|slot ..3 <time>",
        ],
    ),
    (
        Act::Question,
        &[
            "how cost ..3",
            "how tarda|dura|demora ..3",
            "at what hour open|close",
            "accept ..1 insurance|tarjeta|efectivo",
            "where located|are|is|this ..3",
        ],
    ),
    (Act::Fact, &["how cost", "at what hour open|close", "where located|are|is|this"]),
    (
        Act::Move,
        &["better ..2 <time> in instead", "in instead of", "can move ..2 appointment", "no can ..3 <time> ..4 <time>"],
    ),
    (
        Act::Cancel,
        &[
            "unsubscribe|remove ..3 book|calendar|appointment ..3",
            "no can|voy at ?poder go|asistir|llegar ..3",
            "no voy at poder|go",
        ],
    ),
    (
        Act::Status,
        &[
            "estoy afuera|aqui|here|llegando",
            "ya llegue|estoy|voy",
            "voy ?un ?poco ?at ?one afternoon|retrasado|retrasada|atrasado|camino|in",
            "llego|llegare afternoon|<time>",
        ],
    ),
    (
        Act::Yes,
        &[
            "of agreed",
            "there estare|nos|vemos",
            "this perfect",
            "me parece perfect",
            "<yes> ?please ?thanks $",
            "todo perfect",
            "asi is",
            "yes $",
            "me works ?perfect",
        ],
    ),
    (Act::No, &["better no", "no thanks", "no can $", "no me works", "no me parece", "todavia|aun no", "^ no $"]),
    (Act::NotNow, &["better no", "in|for another day|moment|ocasion", "now no"]),
    (Act::Disapprove, &["no me works|parece|queda", "no this perfect", "this wrong"]),
    (
        Act::Bye,
        &[
            "^ ?thanks ?and until later|tomorrow|pronto|then|the ?vista",
            "nos vemos",
            "^ ?thanks what you ?le vaya perfect",
            "que tenga ..3 day",
            "perfect night",
            "cuidese|cuidate",
        ],
    ),
    (Act::Thanks, &["muchas thanks", "muy amable", "mil thanks"]),
    (Act::Greeting, &["^ <hello> ?day ?afternoon ?night", "^ what tal $"]),
    (Act::HowAreYou, &["how this|are|estas $", "what tal $"]),
    (
        Act::Human,
        &[
            "talk with ..3 person|doctor",
            "me can|pueden call",
            "<want> ?what me call",
            "eres|is one|un robot|maquina|bot|person",
        ],
    ),
    (Act::Closing, &["no ?thanks that|eso is all|todo", "eso is|seria todo", "nada more"]),
];
