//! The script itself, the oldest case first, so that numbers rise with time.

use domain::case::{AttemptOutcome, Audience, Category, Channel, Origin, PauseReason};
use domain::country::Country;
use domain::weight::{Platform, Priority, Severity, Urgency};
use domain::words::Language;

/// A case and what becomes of it.
pub(super) struct Script {
    pub(super) key: &'static str,
    pub(super) minutes_ago: i64,
    pub(super) origin: Origin,
    pub(super) language: Language,
    pub(super) contract: &'static str,
    pub(super) serial: &'static str,
    pub(super) platform: Platform,
    pub(super) country: Country,
    pub(super) location: &'static str,
    pub(super) reporter: &'static str,
    pub(super) phone: &'static str,
    pub(super) mail: &'static str,
    pub(super) fault: &'static str,
    pub(super) severity: Severity,
    pub(super) urgency: Urgency,
    /// How many minutes ago, by whom, what.
    pub(super) steps: &'static [(i64, Who, Move)],
}

/// Who does a step.
pub(super) enum Who {
    Agent,
    Supervisor,
}

/// A step in the life of a case.
pub(super) enum Move {
    Attempt(Channel, AttemptOutcome),
    Contact(Channel, &'static str),
    Note(Audience, &'static str),
    /// Takes the case.
    Claim,
    /// What the customer is told, and in how many hours from now they hear more, if somebody says so.
    News(&'static str, Option<i64>),
    Pause {
        waits_for: PauseReason,
        detail: &'static str,
        hours_ahead: i64,
    },
    Resume,
    Priority(Priority, &'static str),
    /// What kind of solution, what was wrong, what was done.
    Resolve(Category, &'static str, &'static str),
    /// Who says that it works, and in which words.
    Confirm(&'static str, &'static str),
}

use Move::{Attempt, Claim, Confirm, Contact, News, Note, Pause, Resolve, Resume};
use Who::{Agent, Supervisor};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

pub(super) const CASES: [Script; 13] = [
    // Long past its promise of resolution.
    Script {
        key: "demo-case-maracaibo-switch",
        minutes_ago: 9 * DAY,
        origin: Origin::Telephone,
        language: Language::Es,
        contract: "CPS-VE-004690-82",
        serial: "JPE21210001",
        platform: Platform::Network,
        country: Country::Ve,
        location: "Planta de pasteurización, cuarto de control",
        reporter: "Régulo Urdaneta",
        phone: "0261 555 0171",
        mail: "regulo.urdaneta@lacteos-zulia.example",
        fault: "El conmutador pierde enlaces cada pocas horas y la línea de envasado se detiene.",
        severity: Severity::High,
        urgency: Urgency::High,
        steps: &[
            (
                9 * DAY - 20,
                Agent,
                Contact(Channel::Phone, "Ocurre más con calor. Se revisará la ventilación."),
            ),
            (
                5 * DAY,
                Agent,
                Note(Audience::Internal, "El fabricante pide registros de una semana antes de reponer."),
            ),
            (2 * DAY, Supervisor, News("Reposición aprobada; le avisamos cuando salga.", Some(20))),
        ],
    },
    // Resolved after a wait, verified and closed.
    Script {
        key: "demo-case-valencia-printer",
        minutes_ago: 6 * DAY,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-VE-005102-10",
        serial: "A7PU011000123",
        platform: Platform::Printing,
        country: Country::Ve,
        location: "Nave 2, oficina de despacho",
        reporter: "Yolanda Piñero",
        phone: "0241 555 0117",
        mail: "yolanda.pinero@metalurgica.example",
        fault: "La impresora arruga el papel en la bandeja 2 desde ayer. Las demás bandejas funcionan.",
        severity: Severity::Medium,
        urgency: Urgency::Low,
        steps: &[
            (6 * DAY - 30, Agent, Claim),
            (6 * DAY - 35, Agent, Contact(Channel::Phone, "Confirma que ocurre solo con la bandeja 2.")),
            (
                6 * DAY - 50,
                Agent,
                Pause {
                    waits_for: PauseReason::SparePart,
                    detail: "Rodillo de arrastre pedido al almacén",
                    hours_ahead: 24,
                },
            ),
            (4 * DAY, Agent, Resume),
            (
                4 * DAY - 90,
                Agent,
                Resolve(
                    Category::Hardware,
                    "Rodillo de arrastre gastado.",
                    "Se cambió el rodillo de arrastre de la bandeja 2. Imprime 50 hojas sin atascos.",
                ),
            ),
            (4 * DAY - 150, Agent, Confirm("Yolanda Piñero", "Probaron con 100 hojas y todo bien.")),
        ],
    },
    // Waits for a spare part.
    Script {
        key: "demo-case-bogota-server",
        minutes_ago: 30 * HOUR,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-CO-002107-95",
        serial: "MXQ3410ABC",
        platform: Platform::Servers,
        country: Country::Co,
        location: "Piso 9, cuarto técnico, rack 4",
        reporter: "Camila Restrepo",
        phone: "601 555 0149",
        mail: "camila.restrepo@seguros-cordillera.example",
        fault: "Un disco del servidor de pólizas está en rojo. El servicio sigue en marcha sin redundancia.",
        severity: Severity::Medium,
        urgency: Urgency::High,
        steps: &[
            (
                30 * HOUR - 8,
                Agent,
                Contact(Channel::Phone, "El arreglo de discos está degradado, sin pérdida de datos."),
            ),
            (
                29 * HOUR,
                Agent,
                Pause {
                    waits_for: PauseReason::SparePart,
                    detail: "Disco SAS de 1,2 TB en camino desde Miami",
                    hours_ahead: 20,
                },
            ),
        ],
    },
    // Under standing hours since yesterday.
    Script {
        key: "demo-case-mexico-laptop",
        minutes_ago: 26 * HOUR,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-MX-007390-02",
        serial: "FVFXY123JK7L",
        platform: Platform::Computing,
        country: Country::Mx,
        location: "Piso 4, redacción",
        reporter: "Ximena Olvera",
        phone: "55 5555 0162",
        mail: "ximena.olvera@anahuac.example",
        fault: "Quisiera saber cuánta memoria más admite mi portátil y cuánto tardaría el cambio.",
        severity: Severity::Low,
        urgency: Urgency::Low,
        steps: &[],
    },
    // The customer named a moment before anybody could speak with them.
    Script {
        key: "demo-case-cancun-wifi",
        minutes_ago: 20 * HOUR,
        origin: Origin::Portal,
        language: Language::En,
        contract: "CPS-MX-007118-42",
        serial: "FWF61FTK2209A1B2",
        platform: Platform::Network,
        country: Country::Mx,
        location: "Hotel Bahía, cuarto de comunicaciones, piso 1",
        reporter: "Grace Okafor",
        phone: "+1 305 555 0121",
        mail: "grace.okafor@caribe-maya.example",
        fault: "Guests in the east wing lose the wireless network every evening at about nine.",
        severity: Severity::Medium,
        urgency: Urgency::Medium,
        steps: &[
            (20 * HOUR - 12, Agent, Attempt(Channel::Phone, AttemptOutcome::NoAnswer)),
            (
                20 * HOUR - 14,
                Agent,
                Pause {
                    waits_for: PauseReason::AgreedDate,
                    detail: "Asks by mail to be called tomorrow night",
                    hours_ahead: 5,
                },
            ),
        ],
    },
    // Waits for the customer's answer.
    Script {
        key: "demo-case-medellin-printer",
        minutes_ago: 8 * HOUR,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-CO-002254-42",
        serial: "V2294500833",
        platform: Platform::Printing,
        country: Country::Co,
        location: "Bodega 5, despacho",
        reporter: "Jhon Jairo Gaviria",
        phone: "310 555 0144",
        mail: "jhon.gaviria@textiles-aburra.example",
        fault: "Las guías de despacho salen con una franja negra y el lector no las lee.",
        severity: Severity::High,
        urgency: Urgency::Medium,
        steps: &[
            (7 * HOUR + 42, Supervisor, Claim),
            (7 * HOUR + 40, Agent, Contact(Channel::Phone, "Enviará una foto de la guía y del rodillo.")),
            (
                7 * HOUR + 30,
                Agent,
                Pause {
                    waits_for: PauseReason::Customer,
                    detail: "Foto de la guía impresa",
                    hours_ahead: 40,
                },
            ),
        ],
    },
    // Resolved in time and to be verified, written in Portuguese.
    Script {
        key: "demo-case-tijuana-storage",
        minutes_ago: 6 * HOUR,
        origin: Origin::Portal,
        language: Language::Pt,
        contract: "CPS-MX-007031-12",
        serial: "SGH2530R7T",
        platform: Platform::Servers,
        country: Country::Mx,
        location: "Nave 7, cuarto de servidores",
        reporter: "João Batista Moura",
        phone: "664 555 0133",
        mail: "joao.moura@frontera-norte.example",
        fault: "O servidor reiniciou duas vezes durante a noite e a linha 3 parou.",
        severity: Severity::High,
        urgency: Urgency::High,
        steps: &[
            (6 * HOUR - 5, Agent, Claim),
            (6 * HOUR - 6, Agent, Contact(Channel::Phone, "Enviará o registro de eventos.")),
            (6 * HOUR - 150, Agent, News("O registro mostra falha de um módulo de memória.", None)),
            (
                6 * HOUR - 300,
                Agent,
                Resolve(
                    Category::Hardware,
                    "Módulo de memória com erros.",
                    "Módulo de memória substituído; uma hora de teste sem erros.",
                ),
            ),
        ],
    },
    // Contacted at once; its priority was raised.
    Script {
        key: "demo-case-cali-power",
        minutes_ago: 3 * HOUR,
        origin: Origin::Telephone,
        language: Language::Es,
        contract: "CPS-CO-002391-19",
        serial: "780A1B2",
        platform: Platform::Servers,
        country: Country::Co,
        location: "Torre de cirugía, sótano, centro de cómputo",
        reporter: "Hernán Caicedo",
        phone: "602 555 0188",
        mail: "hernan.caicedo@farallones.example",
        fault: "La historia clínica responde en más de un minuto desde las seis de la mañana.",
        severity: Severity::High,
        urgency: Urgency::High,
        steps: &[
            (3 * HOUR - 3, Agent, Claim),
            (3 * HOUR - 4, Agent, Contact(Channel::Phone, "Urgencias trabaja en papel. Se escala.")),
            (
                3 * HOUR - 20,
                Supervisor,
                Move::Priority(Priority::P1, "Urgencias sin historia clínica: riesgo para pacientes"),
            ),
            (2 * HOUR, Agent, News("Una copia de seguridad quedó en marcha; se está deteniendo.", Some(1))),
        ],
    },
    // The contract has ended: to be validated.
    Script {
        key: "demo-case-valencia-laptop",
        minutes_ago: 95,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-VE-004518-16",
        serial: "5RFDP01",
        platform: Platform::Computing,
        country: Country::Ve,
        location: "Galpón 14, oficina",
        reporter: "Nelson Arteaga",
        phone: "0412 555 0126",
        mail: "nelson.arteaga@puerto-cabello.example",
        fault: "El portátil no carga la batería y se apaga al desconectarlo.",
        severity: Severity::Medium,
        urgency: Urgency::High,
        steps: &[],
    },
    // Past its first contact: tried, and not reached.
    Script {
        key: "demo-case-tijuana-switch",
        minutes_ago: 41,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-MX-007031-12",
        serial: "FDO2701Z9Z9",
        platform: Platform::Network,
        country: Country::Mx,
        location: "Nave 7, línea 3, gabinete 12",
        reporter: "Rosario Beltrán",
        phone: "664 555 0102",
        mail: "rosario.beltran@frontera-norte.example",
        fault: "El conmutador de la línea 3 no responde y los robots están detenidos.",
        severity: Severity::Critical,
        urgency: Urgency::High,
        steps: &[(33, Agent, Attempt(Channel::Phone, AttemptOutcome::Busy))],
    },
    // Nobody knows this serial: to be validated, and taken all the same.
    Script {
        key: "demo-case-caracas-unknown",
        minutes_ago: 22,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-VE-004377-51",
        serial: "9QWRT99",
        platform: Platform::Servers,
        country: Country::Ve,
        location: "Edificio de emergencias, planta baja",
        reporter: "Dra. Inés Colmenares",
        phone: "0212 555 0190",
        mail: "ines.colmenares@santa-rosalia.example",
        fault: "El servidor nuevo de imágenes pide una licencia y no deja guardar estudios.",
        severity: Severity::Medium,
        urgency: Urgency::Medium,
        steps: &[],
    },
    // Its first contact is nearly due.
    Script {
        key: "demo-case-bogota-firewall",
        minutes_ago: 9,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-CO-002107-95",
        serial: "FG100E4Q17000001",
        platform: Platform::Network,
        country: Country::Co,
        location: "Piso 9, cuarto técnico, rack 1",
        reporter: "Camila Restrepo",
        phone: "601 555 0149",
        mail: "camila.restrepo@seguros-cordillera.example",
        fault: "Ninguna sucursal llega al centro de datos: el cortafuegos no pasa tráfico desde las 7:50.",
        severity: Severity::Critical,
        urgency: Urgency::Critical,
        steps: &[],
    },
    // Just in.
    Script {
        key: "demo-case-caracas-core",
        minutes_ago: 2,
        origin: Origin::Portal,
        language: Language::Es,
        contract: "CPS-VE-004213-58",
        serial: "FDO2530Q7KZ",
        platform: Platform::Network,
        country: Country::Ve,
        location: "Torre Ávila, piso 12, sala de redes",
        reporter: "Ana Teresa Rivas",
        phone: "0212 555 0142",
        mail: "ana.rivas@cumbre.example",
        fault: "Las cajas de la agencia principal no tienen red. Las luces del conmutador están en ámbar.",
        severity: Severity::High,
        urgency: Urgency::Critical,
        steps: &[],
    },
];
