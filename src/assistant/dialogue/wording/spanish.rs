//! What the desk says in Spanish: usted, warm and short. Words that would need á, í, ó or ú are written without the accent or avoided.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::Wording;

const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sab", "dom"];
const MONTHS: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

/// "mar 24 nov a las 2:00 PM".
fn time(at: NaiveDateTime) -> String {
    let weekday = WEEKDAYS[at.weekday().num_days_from_monday() as usize];
    let month = MONTHS[at.month0() as usize];
    let article = if at.hour12().1 == 1 { "la" } else { "las" };
    format!("{weekday} {} {month} a {article} {}", at.day(), at.format("%-I:%M %p"))
}

pub(super) const SPANISH: Wording = Wording {
    time,
    offer: |time, provider| format!("{time} con {provider}"),
    booking: |service, time, provider| format!("{service} el {time} con {provider}"),

    help: |business, phone| {
        let call = phone.map_or_else(String::new, |n| format!(" También puede llamar al {n}."));
        format!(
            "{business}: escriba un dia u hora para reservar. CAMBIAR mueve su cita, CUANDO la muestra, \"cancelar mi cita\" la cancela, PERSONA le pasa con el equipo.{call} Responda STOP para no recibir mensajes."
        )
    },
    opted_out: |business| {
        format!("No le enviaremos mas mensajes de {business}. Responda START si quiere volver a recibirlos.")
    },
    opted_out_of_marketing: |business| {
        format!(
            "Ya no le enviaremos promociones de {business}. Seguimos respondiendo sus mensajes y avisando de sus citas. Responda STOP para no recibir mensajes."
        )
    },
    opted_in: |business| {
        format!(
            "Vuelve a recibir mensajes de {business}. Escriba un dia u hora para reservar. Responda STOP para no recibir mensajes."
        )
    },
    greeting: |business| {
        format!(
            "¡Hola! Le escribe {business}. Puedo reservar, mover o cancelar una cita. ¿Qué dia y hora le convienen?"
        )
    },
    introduction: |business| {
        format!(
            "Somos {business}: aqui se reservan citas por mensaje. Si no es para usted, ¡disculpe! Responda STOP para no recibir mensajes."
        )
    },
    machine: |business| {
        format!(
            "Le atiende el asistente automatico de {business}: reserva, mueve y cancela citas. Escriba PERSONA para hablar con una persona."
        )
    },
    services: |list| format!("Puede reservar: {list}. Escriba un dia u hora, y cual prefiere."),
    nothing_offered: "Disculpe, por ahora no se puede reservar por mensaje.",
    welcome: "¡De nada! Escriba cuando guste.",
    acknowledged: "¡De acuerdo! Escriba cuando guste.",
    nothing_asked: "No hay nada pendiente de respuesta, ni nada reservado. Escriba un dia u hora para reservar.",
    how_are_you: "¡Muy bien, gracias! Puedo reservar, mover o cancelar su cita: escriba un dia y una hora.",
    take_time: "Claro, sin prisa.",
    take_time_with_offers: "Claro, sin prisa. Nada queda fijado; responda con un numero cuando guste.",
    goodbye: "¡Hasta luego! Escriba cuando guste.",
    goodbye_with_offers: "¡De acuerdo! Nada queda reservado; responda con un numero cuando guste.",

    handed_over: "Ya avisé al equipo: una persona le responde por aqui.",
    staff_told: "Gracias, le aviso al equipo.",
    call: |phone| format!("También puede llamar al {phone}."),
    dont_know: |phone| {
        let call = phone.map_or_else(String::new, |n| format!(", o llame al {n}"));
        format!("Disculpe, eso no lo sé. Escriba PERSONA para preguntar al equipo{call}.")
    },
    reach_a_person: "Escriba PERSONA para hablar con el equipo.",
    not_understood: [
        "Disculpe, no le entendi. Escriba un dia u hora para reservar (\"mañana a las 3\"), CAMBIAR para mover su cita, o CUANDO para verla.",
        "Disculpe, sigo sin entender. Para reservar, escriba solo un dia y una hora, como \"viernes a las 2\".",
        "Me temo que no le sigo. Puedo reservar, mover o cancelar una cita: escriba RESERVAR, CAMBIAR o CUANDO.",
    ],

    lead_open: |service| format!("Tenemos disponible para {service}"),
    lead_near: |service| format!("Esa hora no esta disponible. Las mas cercanas para {service}"),
    lead_next: |service| format!("No hay nada disponible entonces. Lo siguiente para {service}"),
    lead_latest: |service| format!("No tenemos nada tan tarde. Lo ultimo del dia para {service}"),
    lead_earliest: |service| format!("No tenemos nada tan temprano. Lo primero del dia para {service}"),
    lead_earlier_days: |service| format!("Ese dia no hay nada antes. Otros dias antes, para {service}"),
    lead_pick: ["Elija una, por favor", "¿Cual de estas prefiere?", "Estas son las horas que tengo"],
    lead_lost: |time, service| format!("Disculpe, el {time} se acaba de ocupar. Quedan, para {service}"),
    pick_a_number: "Responda con un numero, o con otro dia u hora.",
    pick_one_above: "Responda con el numero de una de las horas de arriba.",
    only_near: "Esa hora no esta disponible; la mas cercana es esta.",
    only_next: "No hay nada disponible entonces; lo siguiente es esto.",
    only_latest: "No tenemos nada tan tarde; lo ultimo del dia es esto.",
    only_earliest: "No tenemos nada tan temprano; lo primero del dia es esto.",
    only_earlier_days: "Ese dia no hay nada antes, pero otro dia si.",
    only_lost: |time| format!("Disculpe, el {time} se acaba de ocupar; queda esta."),
    nothing_earlier: "No hay nada disponible antes.",
    nothing_soon: "Disculpe, no hay nada disponible en las proximas semanas. Pruebe con otro dia, por favor.",
    lost_and_nothing_soon: |time| format!("Disculpe, el {time} se acaba de ocupar, y no queda nada disponible pronto."),
    one_per_person: "Cada cita es para una persona.",
    nobody: |people| format!("Nadie con ese nombre trabaja aqui; le atiende {people}."),
    not_free: |person| format!("{person} no tiene libre entonces."),
    one_at_a_time: "Vamos una por una: primero esta, luego la otra.",
    day_passed: "Esa fecha ya es pasada.",
    no_such_day: "Esa fecha no existe.",

    confirm_booking: |service, offer| {
        format!("{service}: {offer}. Responda C para confirmar, R para otra hora, X para dejarlo.")
    },
    confirm_move: |service, from, offer| {
        format!(
            "¿Mover su cita de {service} del {from} al {offer}? Responda C para confirmar, R para otra hora, X para dejarla como estaba."
        )
    },
    confirm_other_service: |booking, service, offer| {
        format!(
            "¿Cambiar su cita ({booking}) por {service}: {offer}? Responda C para confirmar, R para otra hora, X para dejarla como estaba."
        )
    },
    confirm_cancel: |booking| {
        format!("¿Cancelar su cita: {booking}? Responda C para confirmar, R para moverla, X para conservarla.")
    },
    confirm_cancel_all: |count, list| {
        format!(
            "¿Cancelar estas {count} citas?\n{list}\nResponda C para confirmar, X para conservarlas, o el numero de una."
        )
    },
    not_booked: ["Aun no esta reservado.", "Sigue sin reservarse.", "Por ahora no queda reservado."],
    not_moved: ["Aun no se ha movido.", "Sigue sin moverse.", "Por ahora no se ha movido."],
    not_cancelled: ["Aun no se ha cancelado nada.", "Sigue sin cancelarse.", "Por ahora no se ha cancelado nada."],

    ask_day: "¿Qué dia y hora le convienen? Por ejemplo \"mañana por la tarde\" o \"viernes a las 2\".",
    ask_day_again: [
        "Escriba solo un dia o una hora, como \"mañana por la tarde\" o \"viernes a las 2\".",
        "Disculpe, necesito un dia o una hora, como \"lunes por la mañana\".",
        "No encontré un dia ni una hora en su mensaje. ¿Qué dia le conviene?",
    ],
    ask_other_day: "¿Qué otro dia le conviene?",
    ask_new_time: |booking| format!("¿Para cuando quiere mover su cita? Ahora es: {booking}."),
    ask_new_time_again: [
        "¿A qué dia u hora la movemos? Por ejemplo \"viernes a las 2\".",
        "Disculpe, necesito el nuevo dia u hora, como \"lunes por la mañana\".",
        "No encontré un dia ni una hora en su mensaje. ¿Para cuando la pasamos?",
    ],
    which_to_cancel: |list| format!("¿Cual quiere cancelar?\n{list}\nResponda con un numero."),
    which_to_move: |list, to| match to {
        Some(to) => format!("¿Cual quiere mover al {to}?\n{list}\nResponda con un numero."),
        None => format!("¿Cual quiere mover?\n{list}\nResponda con un numero."),
    },
    which_again: ["Elija una, por favor.", "Disculpe, necesito su numero.", "No entendi a cual se refiere."],

    booked: |booking| format!("Su cita esta reservada: {booking}. Escriba CAMBIAR para moverla. ¡Hasta entonces!"),
    moved: |booking| format!("¡Listo! Su cita ahora es: {booking}. ¡Hasta entonces!"),
    cancelled: |booking| format!("Queda cancelada su cita: {booking}. Escriba un dia u hora para reservar de nuevo."),
    all_cancelled: |list| format!("Canceladas:\n{list}\nEscriba un dia u hora para reservar de nuevo."),
    gone_already: |list| format!("Ya no estaban:\n{list}"),
    already_theirs: |booking| format!("Ya tiene esa cita: {booking}."),
    no_longer: "Esa cita ya no esta. Escriba un dia u hora para reservar otra.",
    nothing_booked: "No tiene citas pendientes. Escriba un dia u hora, como \"viernes a las 2\", para reservar.",
    no_appointment: "No tiene citas pendientes. Escriba un dia u hora para reservar.",
    appointment: |booking| format!("Su cita: {booking}."),
    appointments: |list| format!("Sus citas:\n{list}"),
    ask_report: [
        "¿Qué desea reportar? Escribalo en una o dos frases.",
        "Necesito unas palabras sobre lo que pasa, y se las doy al equipo.",
        "Todavia no tengo nada que reportar. ¿Qué pasa?",
    ],
    report_nudge: "¿Y qué desea reportar?",
    report_opened: |n| {
        format!(
            "Gracias, el equipo ya lo tiene: reporte #{n}. Le avisamos cuando quede resuelto; escriba \"reporte {n}\" para preguntar."
        )
    },
    report_waits: |n| format!("Reporte #{n}: el equipo lo tiene, y aun no empieza."),
    report_started: |n| format!("Reporte #{n}: el equipo lo esta atendiendo."),
    report_resolved: |n| format!("El reporte #{n} esta resuelto."),
    report_answered: |n, words| format!("Sobre su reporte #{n}: {words}"),
    no_report: "No encuentro ningun reporte suyo. Para hacer uno, escriba \"reportar un problema\"; PERSONA le pasa con el equipo.",
    no_such_report: |n| format!("No encuentro un reporte #{n} suyo. Escriba PERSONA para hablar con el equipo."),
    too_many_reports: "Ya hay varios reportes suyos abiertos. El equipo los atiende; escriba PERSONA para hablar con ellos.",
    report_dropped: "De acuerdo, no se reporta nada. Escriba cuando guste.",

    kept: |booking| format!("De acuerdo, nada cambia. Conserva su cita: {booking}."),
    nothing_changed: "De acuerdo, nada cambia.",
    let_be: "De acuerdo, no se reserva nada. Escriba cuando guste.",
};
