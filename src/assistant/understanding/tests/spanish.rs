//! Spanish, with and without accents.

use super::super::{Intent, Language, understand};
use super::{check, context};

#[test]
fn dates_and_times() {
    check(
        &[
            ("quiero una cita mañana a las 3", "2026-09-16T15:00"),
            ("quiero una cita manana a las 3", "2026-09-16T15:00"),
            ("manana", "2026-09-16"),
            ("mañana", "2026-09-16"),
            ("tienen algo el viernes?", "2026-09-18"),
            ("q tal el martes", "2026-09-15"),
            ("qué tal el martes a las 5", "2026-09-15T17:00"),
            ("a las 3 y media", "15:30"),
            ("a las 3 y cuarto", "15:15"),
            ("a las 4 menos cuarto", "15:45"),
            ("las 5 y 20", "17:20"),
            ("pasado mañana", "2026-09-17"),
            ("la semana que viene", "2026-09-21..2026-09-28"),
            ("el próximo lunes", "2026-09-21"),
            ("el lunes que viene", "2026-09-21"),
            ("el lunes próximo", "2026-09-21"),
            ("el martes por la tarde", "2026-09-15T12:00..2026-09-15T17:00"),
            ("el martes por la mañana", "2026-09-15T08:00..2026-09-15T12:00"),
            ("el martes en la tarde", "2026-09-15T12:00..2026-09-15T17:00"),
            ("mañana por la mañana", "2026-09-16T08:00..2026-09-16T12:00"),
            ("mañana en la mañana", "2026-09-16T08:00..2026-09-16T12:00"),
            ("mañana por la noche", "2026-09-16T19:00..2026-09-17T00:00"),
            ("hoy a mediodía", "2026-09-15T12:00"),
            ("al mediodía", "12:00"),
            ("a medianoche", "00:00"),
            ("después de las 5", "17:00.."),
            ("despues de las 5 el viernes", "2026-09-18T17:00.."),
            ("antes de las 4", "..16:00"),
            ("entre las 2 y las 4", "14:00..16:00"),
            ("de 2 a 4 de la tarde", "14:00..16:00"),
            ("desde las 2 hasta las 4", "14:00..16:00"),
            ("el 15 de mayo", "2027-05-15"),
            ("15 de mayo a las 10", "2027-05-15T10:00"),
            ("el 15", "2026-09-15"),
            ("el dia 15", "2026-09-15"),
            ("el martes 16", "2027-02-16"),
            ("dentro de 2 días", "2026-09-17"),
            ("dentro de una semana", "2026-09-22"),
            ("en una hora", "2026-09-15T11:20"),
            ("en media hora", "2026-09-15T10:50"),
            ("en dos semanas", "2026-09-29"),
            ("hoy mismo", "2026-09-15"),
            ("hoy", "2026-09-15"),
            ("hoy en la tarde", "2026-09-15T12:00..2026-09-15T17:00"),
            ("esta tarde", "2026-09-15T12:00..2026-09-15T17:00"),
            ("esta noche", "2026-09-15T19:00..2026-09-16T00:00"),
            ("esta semana", "2026-09-14..2026-09-21"),
            ("este viernes", "2026-09-18"),
            ("este fin de semana", "2026-09-19..2026-09-21"),
            ("el fin de semana", "2026-09-19..2026-09-21"),
            ("fin de mes", "2026-09-24..2026-10-01"),
            ("a fin de mes", "2026-09-24..2026-10-01"),
            ("a finales de mes", "2026-09-24..2026-10-01"),
            ("a principios de julio", "2027-07-01..2027-07-11"),
            ("a mediados de julio", "2027-07-11..2027-07-21"),
            ("el mes que viene", "2026-10-01..2026-11-01"),
            ("el próximo mes", "2026-10-01..2026-11-01"),
            ("me gustaría reservar para el sábado", "2026-09-19"),
            ("quiero mover mi cita al jueves", "2026-09-17"),
            ("están abiertos el domingo", "2026-09-20"),
            ("lunes", "2026-09-21"),
            ("lunes y martes", "2026-09-21"),
            ("el lunes o el martes", "2026-09-21"),
            ("lunes a viernes", "2026-09-21..2026-09-26"),
            ("de lunes a viernes", "2026-09-21..2026-09-26"),
        ],
        &context(),
    );
}

#[test]
fn wishes() {
    let cases: [(Intent, &[&str]); 14] = [
        (
            Intent::Book,
            &[
                "quiero una cita",
                "necesito una cita para mañana",
                "me gustaría reservar para el sábado",
                "quisiera apartar un turno",
            ],
        ),
        (Intent::Availability, &["tienen algo el viernes?", "q tal el martes", "¿hay espacio mañana?"]),
        (
            Intent::Reschedule,
            &[
                "puedo cambiar mi cita",
                "necesito reprogramar",
                "quiero mover mi cita al jueves",
                "mejor a las 6 en vez de las 5",
            ],
        ),
        (Intent::Cancel, &["cancelar mi cita", "quiero anular mi cita", "quítame de la agenda del lunes"]),
        (Intent::Lookup, &["cuándo es mi cita", "a qué hora es mi cita"]),
        (Intent::Confirm, &["sí", "si", "claro", "de acuerdo", "vale", "está bien", "ahí estaré"]),
        (Intent::Deny, &["no gracias", "mejor no"]),
        (Intent::Help, &["ayuda", "no entiendo", "cómo funciona"]),
        (Intent::Human, &["hablar con una persona", "quiero hablar con alguien"]),
        (Intent::Thanks, &["gracias", "muchas gracias"]),
        (Intent::Goodbye, &["adiós", "hasta luego"]),
        (Intent::Greeting, &["hola", "buenos días", "buenas tardes"]),
        (
            Intent::OptOut,
            &[
                "alto",
                "baja",
                "no me escriban más",
                "ya no quiero mensajes",
                "quítenme de la lista",
                "quiero darme de baja",
                "borren mi número",
            ],
        ),
        (Intent::Other, &["cuánto cuesta", "dónde están ubicados", "aceptan seguro", "a qué hora abren"]),
    ];
    for (wanted, texts) in cases {
        for text in texts {
            let got = understand(text, &context());
            assert_eq!(got.intent, wanted, "{text:?} because {}", got.why);
        }
    }
}

#[test]
fn the_language_is_told_only_where_the_words_show_it() {
    for text in [
        "quiero una cita manana a las 3",
        "si",
        "manana",
        "cuanto cuesta",
        "q tal el martes",
        "cancelar mi cita",
        "¿y el 5?",
    ] {
        assert_eq!(understand(text, &context()).language, Some(Language::Es), "{text}");
    }
    for text in ["can I come tomorrow", "thanks", "friday works", "me and a friend, no rush"] {
        assert_eq!(understand(text, &context()).language, Some(Language::En), "{text}");
    }
    for text in ["ok", "3pm", "👍", "no", "Dana", "", "C", "STOP"] {
        assert_eq!(understand(text, &context()).language, None, "{text}");
    }
}
